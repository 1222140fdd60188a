-- Edges that time rules out: the source came after the dataset made from it.
SELECT candidate.source, source.release_date AS source_release,
       candidate.target, target.release_date AS target_release, candidate.reason
FROM edge_candidates AS candidate
LEFT JOIN datasets AS source ON source.dataset_id = candidate.source
LEFT JOIN datasets AS target ON target.dataset_id = candidate.target
WHERE candidate.status = 'anachronistic'
ORDER BY candidate.source, candidate.target
