-- title: What changed
-- question: What did the last build change against the one before? (lineage diff compares any two)
-- source: history of the graph
-- parameter: top = 1000 (rows)
SELECT kind, change, subject, field, old, new FROM changes ORDER BY ALL LIMIT $top
