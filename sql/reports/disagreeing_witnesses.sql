-- title: Witnesses that disagree
-- question: For which edges do documents, or readers of one document, state different relations?
-- source: witnesses of edges that count
SELECT
    edges.source,
    edges.target,
    edges.relation AS chosen,
    witness.relation AS stated,
    witness.confidence,
    witness.document_kind,
    witness.document_id,
    witness.said_by,
    witness.quote
FROM edges
JOIN witnesses AS witness ON witness.source = edges.source AND witness.target = edges.target
WHERE edges.disagreement IS NOT NULL
  AND (witness.verified OR witness.status = 'imported')
  AND witness.status <> 'rejected'
ORDER BY edges.target, edges.source, witness.relation <> edges.relation, witness.confidence DESC, witness.document_id, witness.quote
