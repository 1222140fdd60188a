-- How many rows a dataset has, and how many distinct triplets among them.
-- digests: the rows of one dataset.
SELECT CAST(coalesce(sum(copies), 0) AS BIGINT) AS row_count, count(*) AS distinct_triplets
FROM (SELECT count(*) AS copies FROM digests GROUP BY triplet_hi, triplet_lo) AS counted
