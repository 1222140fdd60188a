-- The leaves that something is built on, most used first: where sampling by provenance begins.
CREATE VIEW roots AS
SELECT
    dataset_id,   -- a Hub dataset at which the trace ended
    out_degree,   -- distinct Hub datasets built on it
    domains,      -- math, code, general, science, unclassified
    release_date, -- effective release
    licence,      -- as the card declares it
    revision      -- commit of the Hub repository that was read
FROM datasets
WHERE on_hub AND is_leaf AND out_degree > 0
ORDER BY out_degree DESC, dataset_id;
