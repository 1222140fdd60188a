-- The builds of this hub's graph that changed it, oldest first.
CREATE TABLE snapshots (
    snapshot VARCHAR NOT NULL,     -- id, as --as-of and diff take it
    number   INTEGER NOT NULL,     -- in the order of building, from 1
    built_at TIMESTAMPTZ NOT NULL, -- when
    datasets INTEGER NOT NULL,     -- rows of datasets
    edges    INTEGER NOT NULL,     -- rows of edges
    review   INTEGER NOT NULL,     -- edges that wait for a decision
    faults   INTEGER NOT NULL,     -- rows of faults
    changes  INTEGER NOT NULL      -- differences from the snapshot before
);
