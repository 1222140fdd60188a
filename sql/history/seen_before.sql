-- What was seen before, and since when.
CREATE OR REPLACE TEMP TABLE seen_before AS
SELECT 'dataset' AS kind, dataset_id AS subject, first_seen, last_seen FROM past.datasets
UNION ALL
SELECT 'edge', source || ' -> ' || target, first_seen, last_seen FROM past.edge_candidates
UNION ALL
SELECT kind, subject, first_seen, last_seen FROM past.tombstones
