-- What the snapshot before had, or remembered, and this one has not.
INSERT INTO tombstones
WITH here AS (
    SELECT 'dataset' AS kind, dataset_id AS subject FROM datasets
    UNION ALL
    SELECT 'edge', source || ' -> ' || target FROM edge_candidates
),
before AS (
    SELECT 'dataset' AS kind, dataset_id AS subject, first_seen, last_seen,
        to_json({outcome: outcome, release_date: release_date, domains: domains, licence: licence, summary: summary})
            ::VARCHAR AS last
    FROM past.datasets
    UNION ALL
    SELECT 'edge', source || ' -> ' || target, first_seen, last_seen,
        to_json({relation: relation, confidence: confidence, status: status})::VARCHAR
    FROM past.edge_candidates
    UNION ALL
    FROM past.tombstones
)
FROM before ANTI JOIN here USING (kind, subject)
