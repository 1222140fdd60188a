-- One row per document that was asked for, per dataset.
CREATE TABLE documents (
    document_id VARCHAR NOT NULL, -- stable name of the document
    dataset_id  VARCHAR NOT NULL, -- the dataset it documents
    kind        VARCHAR NOT NULL, -- card, repository, paper, blog
    url         VARCHAR NOT NULL, -- where it was asked for
    revision    VARCHAR,          -- commit or version, where the host has one
    outcome     VARCHAR NOT NULL, -- fetched, empty, missing, refused, unreadable, failed
    detail      VARCHAR NOT NULL, -- one line on the outcome
    text_digest VARCHAR,          -- key of the stored text
    fetched_at  TIMESTAMPTZ       -- when it was fetched
);
