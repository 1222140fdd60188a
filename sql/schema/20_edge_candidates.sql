-- Edges, upstream to downstream: one row per pair that any statement names, whatever became of it.
CREATE TABLE edge_candidates (
    source             VARCHAR NOT NULL, -- upstream
    target             VARCHAR NOT NULL, -- downstream: the dataset whose documents were read
    relation           VARCHAR NOT NULL, -- of the best witness
    confidence         DOUBLE NOT NULL,  -- of the best witness, 0 to 1
    status             VARCHAR NOT NULL, -- accepted, review, rejected, anachronistic, imported
    reason             VARCHAR NOT NULL, -- why it is not accepted; empty when it is
    witnesses          INTEGER NOT NULL, -- statements about this pair
    verified_witnesses INTEGER NOT NULL, -- those whose quote was found and counts
    disagreement       VARCHAR,          -- other relations that verified or imported witnesses state, comma-joined; NULL: none
    is_benchmark       BOOLEAN NOT NULL, -- a verified or imported witness calls the source a benchmark
    first_seen         VARCHAR,          -- snapshot in which the pair appeared first
    last_seen          VARCHAR           -- snapshot in which it appeared last: the newest, or it would be a tombstone
);
