-- How many different triplets and queries the tables a and b have in common: those that stand on both sides.
-- Grouped, not intersected, for grouping goes to disk where memory ends.
SELECT
    (SELECT count(*) FROM (
        SELECT triplet_hi, triplet_lo FROM (
            SELECT triplet_hi, triplet_lo, 0 AS side FROM a
            UNION ALL
            SELECT triplet_hi, triplet_lo, 1 AS side FROM b
        ) AS ts GROUP BY triplet_hi, triplet_lo HAVING min(side) < max(side)
    ) AS t) AS shared_triplets,
    (SELECT count(*) FROM (
        SELECT query_hi, query_lo FROM (
            SELECT query_hi, query_lo, 0 AS side FROM a
            UNION ALL
            SELECT query_hi, query_lo, 1 AS side FROM b
        ) AS qs GROUP BY query_hi, query_lo HAVING min(side) < max(side)
    ) AS q) AS shared_queries,
    (SELECT count(*) FROM (
        SELECT query_norm_hi, query_norm_lo FROM (
            SELECT query_norm_hi, query_norm_lo, 0 AS side FROM a
            UNION ALL
            SELECT query_norm_hi, query_norm_lo, 1 AS side FROM b
        ) AS ns GROUP BY query_norm_hi, query_norm_lo HAVING min(side) < max(side)
    ) AS n) AS shared_queries_normalised
