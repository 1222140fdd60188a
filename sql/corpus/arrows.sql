-- The edges that count, for finding the way from a leaf to an internal dataset.
SELECT DISTINCT source, target FROM edges ORDER BY source, target;
