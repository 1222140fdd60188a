-- Edges that count and lead from a dataset to itself.
SELECT source, target, status FROM edges WHERE source = target ORDER BY source
