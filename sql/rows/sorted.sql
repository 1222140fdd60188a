-- The table digests in the order of a shard.
SELECT * FROM digests ORDER BY query_hi, query_lo, row
