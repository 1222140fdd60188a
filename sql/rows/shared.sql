-- How many different triplets and queries the tables a and b have in common.
SELECT
    (SELECT count(*) FROM (
        SELECT triplet_hi, triplet_lo FROM a INTERSECT SELECT triplet_hi, triplet_lo FROM b
    ) AS t) AS shared_triplets,
    (SELECT count(*) FROM (
        SELECT query_hi, query_lo FROM a INTERSECT SELECT query_hi, query_lo FROM b
    ) AS q) AS shared_queries,
    (SELECT count(*) FROM (
        SELECT query_norm_hi, query_norm_lo FROM a INTERSECT SELECT query_norm_hi, query_norm_lo FROM b
    ) AS qn) AS shared_queries_normalised
