-- One row per part of a dataset whose rows were asked for.
CREATE TABLE parts (
    dataset_id                   VARCHAR NOT NULL, -- the dataset
    part                         VARCHAR NOT NULL, -- config, split or folder; empty: the whole dataset
    outcome                      VARCHAR NOT NULL, -- read, or why there are no rows: no_rows, unknown_shape, bad_row, gated
    detail                       VARCHAR NOT NULL, -- one line on the outcome
    revision                     VARCHAR NOT NULL, -- commit of the Hub repository that was read
    scheme                       VARCHAR NOT NULL, -- how rows are digested
    shape                        VARCHAR NOT NULL, -- row format, detected or given
    instruction                  VARCHAR NOT NULL, -- column that the instruction is taken from; empty: none
    input                        VARCHAR NOT NULL, -- column of the input, likewise
    output                       VARCHAR NOT NULL, -- column of the output, likewise
    rows                         BIGINT NOT NULL,  -- rows read
    skipped_rows                 BIGINT NOT NULL,  -- rows left out because they could not be parsed
    distinct_triplets            BIGINT NOT NULL,  -- distinct (instruction, input, output)
    distinct_queries             BIGINT NOT NULL,  -- distinct (instruction, input)
    distinct_triplets_normalised BIGINT NOT NULL,  -- the same over normalised text
    distinct_queries_normalised  BIGINT NOT NULL,  -- likewise
    sampled                      DOUBLE NOT NULL   -- share of the rows that was read, 0 to 1
);
