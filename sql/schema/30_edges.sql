-- The edges that count: accepted and imported ones.
CREATE VIEW edges AS
SELECT
    source,             -- upstream
    target,             -- downstream: the dataset whose documents were read
    relation,           -- of the best witness
    confidence,         -- of the best witness, 0 to 1
    status,             -- accepted or imported
    witnesses,          -- statements about this pair
    verified_witnesses, -- those whose quote was found and counts
    disagreement,       -- other relations that verified or imported witnesses state, comma-joined; NULL: none
    is_benchmark,       -- a verified or imported witness calls the source a benchmark
    first_seen,         -- snapshot in which the pair appeared first
    last_seen           -- snapshot in which it appeared last
FROM edge_candidates
WHERE status IN ('accepted', 'imported');
