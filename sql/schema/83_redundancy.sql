-- One row per dataset whose rows were compared with each other.
CREATE TABLE redundancy (
    dataset_id        VARCHAR NOT NULL, -- the dataset
    scheme            VARCHAR NOT NULL, -- how rows are digested
    rows              BIGINT NOT NULL,  -- rows of the dataset
    distinct_triplets BIGINT NOT NULL,  -- distinct (instruction, input, output) among them
    rate              DOUBLE NOT NULL,  -- 1 - distinct_triplets / rows
    sampled           DOUBLE NOT NULL,  -- share of the rows that was read, 0 to 1
    inputs            VARCHAR NOT NULL  -- digest of what the counts follow from
);
