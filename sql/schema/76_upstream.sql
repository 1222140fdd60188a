-- upstream('ID'): everything that a dataset was made from, with the fewest steps to it; it ends on cycles.
CREATE MACRO upstream(id) AS TABLE
WITH RECURSIVE reached(dataset_id, hops) USING KEY (dataset_id) AS (
    SELECT id, 0
    UNION
    SELECT DISTINCT edges.source, reached.hops + 1
    FROM reached
    JOIN edges ON edges.target = reached.dataset_id
    WHERE edges.source NOT IN (SELECT dataset_id FROM recurring.reached)
)
SELECT
    dataset_id, -- an ancestor
    hops        -- edges on the shortest path from it
FROM reached
WHERE hops > 0
ORDER BY hops, dataset_id;
