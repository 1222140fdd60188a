-- Pairs with more than one edge.
SELECT source, target, count(*) AS edges
FROM edge_candidates
GROUP BY source, target
HAVING count(*) > 1
ORDER BY source, target
