-- Normalised queries that two datasets share, and how many of them no common ancestor holds.
-- digests: rows of the three sides, named one, other and ancestors in the column dataset.
WITH sides AS (
    SELECT
        max(CASE WHEN dataset = 'one' THEN 1 ELSE 0 END) AS in_one,
        max(CASE WHEN dataset = 'other' THEN 1 ELSE 0 END) AS in_other,
        max(CASE WHEN dataset = 'ancestors' THEN 1 ELSE 0 END) AS in_ancestors
    FROM digests
    GROUP BY query_norm_hi, query_norm_lo
)
SELECT count(*) AS shared, CAST(coalesce(sum(1 - in_ancestors), 0) AS BIGINT) AS unexplained
FROM sides
WHERE in_one = 1 AND in_other = 1
