-- title: Snapshots
-- question: Which builds changed the graph, when, and by how much? (show, report and export take one with --as-of; diff compares two)
-- source: history of the graph
SELECT snapshot, built_at, datasets, edges, review, faults, changes FROM snapshots ORDER BY number DESC
