-- title: Redundancy
-- question: Which datasets repeat their own rows most, and at which intersection of their lineage?
-- source: paper, Table 3
-- parameter: top = 100 (rows)
WITH worst AS (
    SELECT dataset_id, count(*) AS intersections, sum(duplicated_rows)::BIGINT AS duplicated_rows,
        max_by(intersection, (duplicated_rows, rows)) AS worst_intersection
    FROM intersections
    GROUP BY dataset_id
)
SELECT
    row_number() OVER (ORDER BY rate DESC, dataset_id) AS rank,
    dataset_id,
    rows,
    distinct_triplets,
    round(100 * rate, 2) AS rate_pct,
    coalesce(intersections, 0) AS intersections,
    worst_intersection,
    sampled
FROM redundancy LEFT JOIN worst USING (dataset_id)
ORDER BY rank
LIMIT $top
