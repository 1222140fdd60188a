-- One row: what this graph is.
CREATE TABLE meta (
    hub_name  VARCHAR NOT NULL,     -- which hub was asked
    snapshot  VARCHAR NOT NULL,     -- id of its content: a number and a digest; unchanged when a build changes nothing
    content   VARCHAR NOT NULL,     -- SHA-256 of all that is compared between snapshots
    hub_label VARCHAR NOT NULL,     -- what every output over it must say; empty for real data
    built_at  TIMESTAMPTZ NOT NULL, -- when
    datasets  INTEGER NOT NULL,     -- rows of datasets
    edges     INTEGER NOT NULL,     -- rows of edges
    review    INTEGER NOT NULL,     -- edges that wait for a decision
    faults    INTEGER NOT NULL      -- rows of faults
);
