-- One row per statement, with what became of its evidence.
CREATE TABLE witnesses (
    source        VARCHAR NOT NULL, -- what the mention was resolved to
    target        VARCHAR NOT NULL, -- the dataset whose document was read
    mention       VARCHAR NOT NULL, -- the source as written
    document_id   VARCHAR NOT NULL, -- where the statement stands
    document_kind VARCHAR NOT NULL, -- card, repository, paper or blog
    quote         VARCHAR NOT NULL, -- verbatim evidence
    quote_offset  BIGINT,           -- of the quote in the stored text, in characters; NULL: not found
    relation      VARCHAR NOT NULL, -- one of the five
    confidence    DOUBLE NOT NULL,  -- the statement's, lowered by how its name was resolved
    said_by       VARCHAR NOT NULL, -- model or rule, with its version
    verified      BOOLEAN NOT NULL, -- whether the quote was found and is evidence
    status        VARCHAR NOT NULL, -- accepted, review, rejected, imported
    reason        VARCHAR NOT NULL, -- why it is not accepted; empty when it is
    about         VARCHAR,          -- the dataset of the document that the passage speaks of; NULL: the target
    is_benchmark  BOOLEAN NOT NULL  -- whether the statement calls the source a benchmark
);
