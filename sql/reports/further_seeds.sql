-- title: Further seeds
-- question: Which Hub datasets does the graph name, as a source in doubt or as what a name may stand for, that were never traced?
-- source: edges and mentions of traced datasets
-- parameter: top = 20 (rows)
WITH named AS (
    SELECT source AS dataset_id, target, true AS is_edge FROM edge_candidates WHERE status <> 'rejected'
    UNION
    SELECT chosen_id, target, false FROM mentions WHERE chosen_id IS NOT NULL
    UNION
    SELECT candidate.id, target, false FROM (SELECT target, unnest(candidates) AS candidate FROM mentions)
),
counted AS (
    SELECT
        dataset_id,
        count(DISTINCT target) FILTER (WHERE is_edge) AS used_by,
        count(DISTINCT target) AS mentions
    FROM named
    WHERE NOT contains(dataset_id, ':')
      AND dataset_id NOT IN (SELECT dataset_id FROM datasets WHERE outcome IS NOT NULL)
      AND dataset_id NOT IN (SELECT alias FROM aliases)
    GROUP BY dataset_id
)
SELECT
    dataset_id,
    used_by,
    mentions,
    CASE WHEN used_by > 0 THEN 'edge' ELSE 'mention' END AS why
FROM counted
ORDER BY used_by DESC, mentions DESC, dataset_id
LIMIT $top
