-- title: What changed
-- question: What did the last build change against the one before? (--since: against any other)
-- source: history of the graph
-- parameter: top = 1000 (rows)
SELECT kind, change, subject, field, old, new FROM changes ORDER BY ALL LIMIT $top
