-- title: Review queue
-- question: Which edges wait for a person's decision, and why? Those with most built on them come first.
-- source: edges in review or with dates that contradict them; datasets that share rows though nothing connects them
WITH waiting AS (
    SELECT source, target, relation, confidence, status, reason
    FROM edge_candidates
    WHERE status IN ('review', 'anachronistic')
    UNION ALL
    SELECT shared.source, shared.target, 'direct_inclusion', least(greatest(source_in_target, target_in_source), 1),
        'overlap', round(shared_queries)::BIGINT || ' queries are in both, and no document says why'
    FROM containments AS shared
    WHERE shared.finding = 'undocumented'
      AND NOT EXISTS (
          FROM reviews AS review
          WHERE (review.source, review.target) IN ((shared.source, shared.target), (shared.target, shared.source))
      )
)
SELECT waiting.source, waiting.target, waiting.relation, waiting.confidence, waiting.status, waiting.reason,
    coalesce(dataset.out_degree, 0) AS built_on_target
FROM waiting
LEFT JOIN datasets AS dataset ON dataset.dataset_id = waiting.target
ORDER BY built_on_target DESC, waiting.confidence DESC, waiting.target, waiting.source
