-- Edges that count and have an end that is no dataset of the graph.
SELECT source, target, source NOT IN (SELECT dataset_id FROM datasets) AS source_missing
FROM edges
WHERE source NOT IN (SELECT dataset_id FROM datasets)
   OR target NOT IN (SELECT dataset_id FROM datasets)
ORDER BY source, target
