-- The digests of one shard in the order of its rows.
SELECT "row", triplet_hi, triplet_lo, query_hi, query_lo, query_norm_hi, query_norm_lo
FROM read_parquet($digests)
ORDER BY "row";
