-- title: Build patterns
-- question: Which sequences of relations recur along the paths of the graph, and from which sources do they begin most often?
-- source: paper, section 5 (evolutionary paradigms)
-- parameter: top = 20 (rows per length)
-- parameter: listed = 5 (sources to name)
WITH one AS (SELECT source, target, relation AS pattern FROM edges WHERE source <> target),
two AS (
    SELECT one.source, one.target AS via, edges.target, one.pattern || ' → ' || edges.relation AS pattern
    FROM one JOIN edges ON edges.source = one.target
    WHERE edges.target NOT IN (one.source, one.target)
),
three AS (
    SELECT two.source, edges.target, two.pattern || ' → ' || edges.relation AS pattern
    FROM two JOIN edges ON edges.source = two.target
    WHERE edges.target NOT IN (two.source, two.via, two.target)
),
steps AS (
    SELECT 1 AS steps, pattern, source, target FROM one
    UNION ALL
    SELECT 2, pattern, source, target FROM two
    UNION ALL
    SELECT 3, pattern, source, target FROM three
),
begun AS (
    SELECT steps, pattern, source, count(*) AS paths FROM steps GROUP BY steps, pattern, source
),
patterns AS (
    SELECT steps, pattern, count(*) AS paths, count(DISTINCT source) AS sources, count(DISTINCT target) AS results
    FROM steps
    GROUP BY steps, pattern
),
ranked AS (
    SELECT
        patterns.*,
        round(100 * patterns.paths / sum(patterns.paths) OVER (PARTITION BY steps), 2) AS share_pct,
        row_number() OVER (PARTITION BY steps ORDER BY patterns.paths DESC, pattern) AS rank
    FROM patterns
)
SELECT
    steps,
    rank,
    pattern,
    ranked.paths,
    share_pct,
    sources,
    results,
    (
        SELECT list(begun.source ORDER BY begun.paths DESC, begun.source)[1:$listed]
        FROM begun WHERE begun.steps = ranked.steps AND begun.pattern = ranked.pattern
    ) AS most_often_from
FROM ranked
WHERE rank <= $top
ORDER BY steps, rank
