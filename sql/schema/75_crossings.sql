-- Ancestors that reach a dataset through two or more of its direct sources; the 100,000 with most direct sources.
CREATE TABLE crossings (
    dataset_id     VARCHAR NOT NULL, -- the dataset
    intersection   VARCHAR NOT NULL, -- the ancestor; it may be one of the direct sources
    direct_sources INTEGER NOT NULL, -- direct sources of the dataset that it is or leads to
    through        VARCHAR[] NOT NULL -- those direct sources
);
