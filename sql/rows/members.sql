-- What each member of a mix holds, and what it alone brings.
-- digests: the rows of the members.
WITH triplets AS (
    SELECT dataset, triplet_hi, triplet_lo, count(*) AS copies
    FROM digests GROUP BY dataset, triplet_hi, triplet_lo
),
queries AS (SELECT DISTINCT dataset, query_hi, query_lo FROM digests),
held_triplets AS (
    SELECT dataset, copies, count(*) OVER (PARTITION BY triplet_hi, triplet_lo) AS holders FROM triplets
),
held_queries AS (SELECT dataset, count(*) OVER (PARTITION BY query_hi, query_lo) AS holders FROM queries)
SELECT of_triplets.dataset, of_triplets.row_count, of_triplets.distinct_triplets, of_triplets.new_triplets,
    of_queries.distinct_queries, of_queries.new_queries
FROM (
    SELECT dataset, CAST(sum(copies) AS BIGINT) AS row_count, count(*) AS distinct_triplets,
        CAST(sum(CASE WHEN holders = 1 THEN 1 ELSE 0 END) AS BIGINT) AS new_triplets
    FROM held_triplets GROUP BY dataset
) AS of_triplets
JOIN (
    SELECT dataset, count(*) AS distinct_queries,
        CAST(sum(CASE WHEN holders = 1 THEN 1 ELSE 0 END) AS BIGINT) AS new_queries
    FROM held_queries GROUP BY dataset
) AS of_queries ON of_triplets.dataset = of_queries.dataset
ORDER BY of_triplets.dataset
