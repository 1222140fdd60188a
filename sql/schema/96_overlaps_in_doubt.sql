-- Shared rows that no document explains, and inclusions that no shared row bears out.
CREATE VIEW overlaps_in_doubt AS
SELECT
    source,           -- upstream where lineage says so, else the one released first
    target,           -- the other one
    finding,          -- undocumented: rows without an edge or path; doubted: an edge of inclusion without rows
    shared_queries,   -- queries in both
    source_in_target, -- share of the source's queries, 0 to 1
    target_in_source, -- share of the target's queries, 0 to 1
    confirmed         -- counted by a join, not estimated from sketches
FROM containments
WHERE finding IN ('undocumented', 'doubted')
ORDER BY shared_queries DESC, source, target;
