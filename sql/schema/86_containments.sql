-- One row per pair of datasets that were compared: the queries they share, and what that says of the edge between them.
CREATE TABLE containments (
    source                    VARCHAR NOT NULL, -- upstream where lineage says so, else the one released first
    target                    VARCHAR NOT NULL, -- the other one
    scheme                    VARCHAR NOT NULL, -- how rows are digested
    source_queries            BIGINT NOT NULL,  -- distinct queries of the source
    target_queries            BIGINT NOT NULL,  -- distinct queries of the target
    shared_queries            DOUBLE NOT NULL,  -- queries in both; not whole when estimated
    shared_queries_normalised DOUBLE NOT NULL,  -- the same over normalised text
    source_in_target          DOUBLE NOT NULL,  -- shared_queries / source_queries
    target_in_source          DOUBLE NOT NULL,  -- shared_queries / target_queries
    confirmed                 BOOLEAN NOT NULL, -- counted by a join, not estimated from sketches
    error                     DOUBLE NOT NULL,  -- standard error of the estimate; 0 when confirmed
    finding                   VARCHAR NOT NULL, -- measured, doubted, undocumented, explained or none
    sampled                   DOUBLE NOT NULL,  -- share of the rows that was read, 0 to 1
    unexplained_queries       BIGINT NOT NULL,  -- shared normalised queries that are in no common ancestor
    examples STRUCT(source_part VARCHAR, source_row BIGINT, target_part VARCHAR, target_row BIGINT, query VARCHAR)[] NOT NULL -- some of these
);
