-- Datasets that are, by some path of two edges or more, their own source.
WITH RECURSIVE upstream(source, target) AS (
    SELECT source, target FROM edges WHERE source <> target
    UNION
    SELECT upstream.source, edges.target
    FROM upstream JOIN edges ON upstream.target = edges.source
    WHERE edges.source <> edges.target
)
SELECT source AS dataset_id FROM upstream WHERE source = target ORDER BY source
