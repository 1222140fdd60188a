-- One row per name found in a dataset's documents, with everything it may stand for.
CREATE TABLE mentions (
    target     VARCHAR NOT NULL, -- the dataset whose documents were read
    mention    VARCHAR NOT NULL, -- as written
    link       VARCHAR,          -- the address beside it
    chosen_id  VARCHAR,          -- what it was resolved to; NULL: left to review
    part       VARCHAR,          -- config, split or subset of the chosen dataset
    method     VARCHAR NOT NULL, -- how it was resolved
    score      DOUBLE NOT NULL,  -- how well the chosen id fits the name, 0 to 1
    candidates STRUCT(id VARCHAR, "method" VARCHAR, score DOUBLE)[] NOT NULL -- what else it may stand for
);
