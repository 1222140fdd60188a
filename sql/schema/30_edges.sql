-- The edges that count.
CREATE VIEW edges AS
SELECT source, target, relation, confidence, status, witnesses, verified_witnesses, disagreement, is_benchmark,
    first_seen, last_seen
FROM edge_candidates
WHERE status IN ('accepted', 'imported');
