-- Distinct queries that two datasets share, for each pair that shares any, to the letter and in normalised text.
-- A dataset beside itself: its distinct queries. digests: the rows of several datasets.
WITH exact AS (SELECT DISTINCT dataset, query_hi AS hi, query_lo AS lo FROM digests),
normalised AS (SELECT DISTINCT dataset, query_norm_hi AS hi, query_norm_lo AS lo FROM digests)
SELECT 'exact' AS kind, one.dataset AS one, other.dataset AS other, count(*) AS shared
FROM exact AS one JOIN exact AS other ON one.hi = other.hi AND one.lo = other.lo
WHERE one.dataset <= other.dataset
GROUP BY one.dataset, other.dataset
UNION ALL
SELECT 'normalised' AS kind, one.dataset AS one, other.dataset AS other, count(*) AS shared
FROM normalised AS one JOIN normalised AS other ON one.hi = other.hi AND one.lo = other.lo
WHERE one.dataset <= other.dataset
GROUP BY one.dataset, other.dataset
ORDER BY kind, one, other
