-- Since when each dataset has been there; it appeared last now.
UPDATE datasets SET last_seen = $snapshot, first_seen = coalesce(
    (SELECT min(first_seen) FROM seen_before WHERE kind = 'dataset' AND subject = datasets.dataset_id), $snapshot
)
