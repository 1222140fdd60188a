-- The edges between two Hub datasets, with what reports ask of both ends.
CREATE VIEW hub_edges AS
SELECT
    edges.source,                                  -- upstream
    edges.target,                                  -- downstream
    edges.relation,                                -- of the best witness
    edges.confidence,                              -- of the best witness, 0 to 1
    upstream.domains AS source_domains,            -- of the source
    downstream.domains AS target_domains,          -- of the target
    upstream.release_date AS source_release,       -- of the source
    downstream.release_date AS target_release,     -- of the target
    upstream.licence AS source_licence,            -- of the source, as its card declares it
    downstream.licence AS target_licence           -- of the target, likewise
FROM edges
JOIN datasets AS upstream ON upstream.dataset_id = edges.source AND upstream.on_hub
JOIN datasets AS downstream ON downstream.dataset_id = edges.target AND downstream.on_hub;
