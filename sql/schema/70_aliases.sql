-- Other names of datasets.
CREATE TABLE aliases (
    alias      VARCHAR NOT NULL, -- a former or other id
    dataset_id VARCHAR NOT NULL, -- the canonical one
    origin     VARCHAR NOT NULL  -- requested (the Hub answered it under another id), link, model_choice or review
);
