-- How many rows, and how many different triplets and queries: of the table digests.
SELECT
    (SELECT count(*) FROM digests) AS row_count,
    (SELECT count(*) FROM (SELECT DISTINCT triplet_hi, triplet_lo FROM digests) AS t) AS distinct_triplets,
    (SELECT count(*) FROM (SELECT DISTINCT query_hi, query_lo FROM digests) AS q) AS distinct_queries,
    (SELECT count(*) FROM (SELECT DISTINCT triplet_norm_hi, triplet_norm_lo FROM digests) AS tn)
        AS distinct_triplets_normalised,
    (SELECT count(*) FROM (SELECT DISTINCT query_norm_hi, query_norm_lo FROM digests) AS qn)
        AS distinct_queries_normalised
