-- Some of the rows that two datasets share and no common ancestor holds, with the first place of each.
-- digests: rows of the three sides, named one, other and ancestors in the column dataset.
SELECT one, other
FROM (
    SELECT
        min(CASE WHEN dataset = 'one' THEN place END) AS one,
        min(CASE WHEN dataset = 'other' THEN place END) AS other,
        min(CASE WHEN dataset = 'ancestors' THEN place END) AS ancestor
    FROM digests
    GROUP BY query_norm_hi, query_norm_lo
) AS sides
WHERE one IS NOT NULL AND other IS NOT NULL AND ancestor IS NULL
ORDER BY one
LIMIT 5
