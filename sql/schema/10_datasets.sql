-- Nodes: every dataset that was traced, and every endpoint of an edge that counts.
CREATE TABLE datasets (
    dataset_id     VARCHAR NOT NULL,   -- canonical Hub id, or github:, arxiv:, url:, name: for what is not on the Hub
    on_hub         BOOLEAN NOT NULL,   -- whether the Hub knows it
    outcome        VARCHAR,            -- how its trace ended; NULL: it was not traced
    detail         VARCHAR NOT NULL,   -- one line on the outcome
    release_date   VARCHAR,            -- effective release: YYYY, YYYY-MM or YYYY-MM-DD; NULL: unknown
    release_origin VARCHAR,            -- hub, hub_epoch (then or earlier) or paper:<source>
    domains        VARCHAR[] NOT NULL, -- math, code, general, science, unclassified
    is_leaf        BOOLEAN NOT NULL,   -- a Hub dataset at which the trace ended, by its recorded outcome
    is_benchmark   BOOLEAN NOT NULL,   -- some statement behind an edge that counts calls it a benchmark
    depth          INTEGER NOT NULL,   -- edges on the longest path that ends here, over the condensation
    in_degree      INTEGER NOT NULL,   -- distinct sources, those off the Hub included
    out_degree     INTEGER NOT NULL,   -- distinct Hub datasets built on it
    cycle          VARCHAR,            -- first of the datasets that are, with it, each other's sources; NULL: no cycle
    licence        VARCHAR,            -- as the card declares it
    summary        VARCHAR,            -- what it is, from its profile
    construction   VARCHAR,            -- how it was made, from its profile
    downloads      BIGINT,             -- as the Hub's API gives them
    likes          BIGINT,             -- likewise
    revision       VARCHAR,            -- commit of the Hub repository that was read
    first_seen     VARCHAR,            -- snapshot in which it appeared first
    last_seen      VARCHAR             -- snapshot in which it appeared last: the newest, or it would be a tombstone
);
