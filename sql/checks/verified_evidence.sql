-- Accepted edges that neither a verified, accepted witness with a place in a document nor a person's decision stands
-- behind.
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
  AND NOT EXISTS (
      FROM reviews AS review
      WHERE review.source = edges.source
        AND review.target = edges.target
        AND review.action = 'accept'
  )
ORDER BY source, target
