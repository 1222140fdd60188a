-- title: Intersecting paths
-- question: Which ancestors reach a dataset through two or more of its direct sources? (paths leaves out those around a cycle)
-- source: paper, Table 9
-- parameter: top = 100 (rows)
WITH RECURSIVE reach (direct, ancestor) AS (
    SELECT DISTINCT source, source FROM edges
    UNION
    SELECT reach.direct, edges.source FROM reach JOIN edges ON edges.target = reach.ancestor
),
downward AS ( -- depth rises along every edge, except inside a cycle
    SELECT edges.source, edges.target
    FROM edges
    JOIN datasets AS upstream ON upstream.dataset_id = edges.source
    JOIN datasets AS downstream ON downstream.dataset_id = edges.target
    WHERE upstream.depth < downstream.depth
),
walks (source, target, steps, paths) AS (
    SELECT source, target, 1, 1::HUGEINT FROM downward
    UNION ALL
    SELECT walks.source, downward.target, walks.steps + 1, sum(walks.paths)::HUGEINT
    FROM walks JOIN downward ON downward.source = walks.target
    GROUP BY walks.source, downward.target, walks.steps
),
counted AS (SELECT source, target, sum(paths) AS paths FROM walks GROUP BY source, target),
crossing AS (
    SELECT edges.target AS dataset_id, reach.ancestor AS intersection, list(DISTINCT edges.source ORDER BY edges.source) AS through
    FROM edges JOIN reach ON reach.direct = edges.source
    WHERE reach.ancestor <> edges.target
    GROUP BY edges.target, reach.ancestor
    HAVING count(DISTINCT edges.source) >= 2
)
SELECT
    crossing.dataset_id,
    crossing.intersection,
    len(crossing.through) AS direct_sources,
    coalesce(counted.paths, 0)::BIGINT AS paths,
    crossing.through
FROM crossing
LEFT JOIN counted ON counted.source = crossing.intersection AND counted.target = crossing.dataset_id
ORDER BY direct_sources DESC, paths DESC, crossing.dataset_id, crossing.intersection
LIMIT $top
