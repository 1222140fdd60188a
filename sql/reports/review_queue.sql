-- title: Review queue
-- question: Which edges wait for a person's decision, and why? Those with most built on them come first.
-- source: edges in review or with dates that contradict them
SELECT candidate.source, candidate.target, candidate.relation, candidate.confidence, candidate.status, candidate.reason,
    coalesce(dataset.out_degree, 0) AS built_on_target
FROM edge_candidates AS candidate
LEFT JOIN datasets AS dataset ON dataset.dataset_id = candidate.target
WHERE candidate.status IN ('review', 'anachronistic')
ORDER BY built_on_target DESC, candidate.confidence DESC, candidate.target, candidate.source
