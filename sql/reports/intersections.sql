-- title: Intersecting paths
-- question: Which ancestors reach a dataset through two or more of its direct sources, and through which?
-- source: paper, Table 9
-- parameter: top = 100 (rows)
WITH RECURSIVE reach (source, ancestor) AS (
    SELECT DISTINCT source, source FROM edges
    UNION
    SELECT reach.source, edges.source FROM reach JOIN edges ON edges.target = reach.ancestor
)
SELECT
    direct.target AS dataset_id,
    reach.ancestor AS intersection,
    count(DISTINCT direct.source) AS through,
    list(DISTINCT direct.source ORDER BY direct.source) AS direct_sources
FROM edges AS direct
JOIN reach ON reach.source = direct.source
WHERE reach.ancestor <> direct.target
GROUP BY direct.target, reach.ancestor
HAVING count(DISTINCT direct.source) >= 2
ORDER BY through DESC, dataset_id, intersection
LIMIT $top
