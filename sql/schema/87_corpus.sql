-- One row per corpus that was built and root that it was drawn from.
CREATE TABLE corpus (
    corpus     VARCHAR NOT NULL,              -- the corpus
    dataset_id VARCHAR NOT NULL,              -- the root
    rows       BIGINT NOT NULL,               -- rows taken in
    kept       BIGINT NOT NULL,               -- rows of it in the corpus
    removed    MAP(VARCHAR, BIGINT) NOT NULL, -- rows removed, by reason
    revision   VARCHAR NOT NULL,              -- commit of the Hub repository that was read
    licence    VARCHAR NOT NULL               -- as the root's card declares it
);
