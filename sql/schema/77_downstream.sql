-- downstream('ID'): everything that was made from a dataset, with the fewest steps to it; it ends on cycles.
CREATE MACRO downstream(id) AS TABLE
WITH RECURSIVE reached(dataset_id, hops) USING KEY (dataset_id) AS (
    SELECT id, 0
    UNION
    SELECT DISTINCT edges.target, reached.hops + 1
    FROM reached
    JOIN edges ON edges.source = reached.dataset_id
    WHERE edges.target NOT IN (SELECT dataset_id FROM recurring.reached)
)
SELECT
    dataset_id, -- a descendant
    hops        -- edges on the shortest path to it
FROM reached
WHERE hops > 0
ORDER BY hops, dataset_id;
