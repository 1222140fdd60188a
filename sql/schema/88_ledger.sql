-- One row per call to a model: what it was for and what it used, never what was said.
CREATE TABLE ledger (
    call_id        BIGINT NOT NULL,      -- number of the call
    run            VARCHAR NOT NULL,     -- process that sent it
    role           VARCHAR NOT NULL,     -- sourcing, extracting, tracing, aggregation
    model          VARCHAR NOT NULL,     -- provider and model
    prompt_version VARCHAR NOT NULL,     -- version of the role's prompt
    dataset_id     VARCHAR NOT NULL,     -- the dataset that was traced
    started_at     TIMESTAMPTZ NOT NULL, -- when it was sent
    outcome        VARCHAR NOT NULL,     -- ok, cached, or how it failed; in_flight: its end is not on record
    cache_hit      BOOLEAN NOT NULL,     -- the answer was on disk: nothing was sent
    input_tokens   BIGINT NOT NULL,      -- tokens sent
    output_tokens  BIGINT NOT NULL,      -- tokens received
    cost_usd       DOUBLE NOT NULL,      -- US dollars
    seconds        DOUBLE NOT NULL       -- time until the answer
);
