-- One row per dataset and ancestor that reaches it through two or more of its direct sources, as measured on rows.
CREATE TABLE intersections (
    dataset_id      VARCHAR NOT NULL,     -- the dataset
    intersection    VARCHAR NOT NULL,     -- the ancestor
    rows            BIGINT NOT NULL,      -- rows of the dataset whose triplet is in the ancestor
    duplicated_rows BIGINT NOT NULL,      -- those of them that occur more than once in the dataset
    paths           VARCHAR[][] NOT NULL, -- from the ancestor down to the dataset, shortest first
    truncated       BOOLEAN NOT NULL      -- whether there are more paths
);
