-- How many different queries the table digests has.
SELECT count(*) AS distinct_queries FROM (SELECT DISTINCT query_hi, query_lo FROM digests) AS q
