-- Since when each edge has been there; it appeared last now.
UPDATE edge_candidates SET last_seen = $snapshot, first_seen = coalesce(
    (
        SELECT min(first_seen) FROM seen_before
        WHERE kind = 'edge' AND subject = edge_candidates.source || ' -> ' || edge_candidates.target
    ),
    $snapshot
)
