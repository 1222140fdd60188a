-- What people decided about edges of this hub, one row per edge: it wins over every agent.
CREATE TABLE reviews (
    source     VARCHAR NOT NULL,     -- the edge decided on, as the agents had it
    target     VARCHAR NOT NULL,     -- likewise
    action     VARCHAR NOT NULL,     -- accept, reject or rebind
    rebound_to VARCHAR,              -- what the name stands for instead, if rebound; else NULL
    author     VARCHAR NOT NULL,     -- who
    reason     VARCHAR NOT NULL,     -- why
    decided_at TIMESTAMPTZ NOT NULL, -- when
    applied    BOOLEAN NOT NULL      -- whether anything states or measures this edge (still)
);
