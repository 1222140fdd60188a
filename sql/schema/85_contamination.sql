-- One row per training set and benchmark that were compared; counts are of distinct benchmark queries.
CREATE TABLE contamination (
    train              VARCHAR NOT NULL,     -- the training set
    benchmark          VARCHAR NOT NULL,     -- the benchmark
    scheme             VARCHAR NOT NULL,     -- how rows are digested
    benchmark_queries  BIGINT NOT NULL,      -- distinct queries of the benchmark
    matched            BIGINT NOT NULL,      -- those found in the training set to the letter
    rate               DOUBLE NOT NULL,      -- matched / benchmark_queries
    matched_normalised BIGINT NOT NULL,      -- found in normalised text; includes matched
    matched_near       BIGINT NOT NULL,      -- found by containment of word 5-grams; includes matched_normalised
    paths              VARCHAR[][] NOT NULL, -- from the benchmark down to the training set, shortest first
    truncated          BOOLEAN NOT NULL,     -- whether there are more paths
    found_by           VARCHAR NOT NULL,     -- lineage: compared because lineage makes it likely; scan: all were
    sampled            DOUBLE NOT NULL,      -- share of the rows that was read, 0 to 1
    inputs             VARCHAR NOT NULL      -- digest of what the counts follow from
);
