-- Rows of a dataset whose triplet is in an ancestor, and those of them that occur more than once in the dataset.
-- target: the rows of one dataset. ancestors: the rows of its ancestors.
WITH counted AS (
    SELECT triplet_hi, triplet_lo, count(*) AS copies FROM target GROUP BY triplet_hi, triplet_lo
),
held AS (
    SELECT DISTINCT ancestors.dataset, ancestors.triplet_hi, ancestors.triplet_lo
    FROM ancestors JOIN counted
        ON ancestors.triplet_hi = counted.triplet_hi AND ancestors.triplet_lo = counted.triplet_lo
)
SELECT
    held.dataset AS ancestor,
    CAST(sum(counted.copies) AS BIGINT) AS row_count,
    CAST(sum(CASE WHEN counted.copies > 1 THEN counted.copies ELSE 0 END) AS BIGINT) AS duplicated_rows
FROM held JOIN counted ON held.triplet_hi = counted.triplet_hi AND held.triplet_lo = counted.triplet_lo
GROUP BY held.dataset
ORDER BY held.dataset
