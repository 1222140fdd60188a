-- Accepted edges that no verified, accepted witness with a place in a document stands behind.
SELECT source, target, relation, confidence
FROM edges
WHERE status = 'accepted'
  AND NOT EXISTS (
      FROM witnesses AS witness
      WHERE witness.source = edges.source
        AND witness.target = edges.target
        AND witness.verified
        AND witness.status = 'accepted'
        AND witness.quote_offset IS NOT NULL
  )
ORDER BY source, target
