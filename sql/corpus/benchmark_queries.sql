-- Rows whose question is that of a benchmark's item in normalised text, each beside the item; digests only propose.
-- digests, texts: the benchmarks' shards, in the same order.
WITH taken AS (
    SELECT rows.position, query_norm_hi, query_norm_lo
    FROM read_parquet($rows) AS rows SEMI JOIN read_parquet($kept) AS kept USING (position)
),
items AS (
    SELECT list_position($digests, filename) AS shard, "row" AS item, query_norm_hi, query_norm_lo
    FROM read_parquet($digests, filename = true)
),
proposed AS (
    SELECT position, shard, item
    FROM taken JOIN items USING (query_norm_hi, query_norm_lo)
),
asked AS (
    SELECT list_position($texts, filename) AS shard, "row" AS item, instruction, input
    FROM read_parquet($texts, filename = true)
)
SELECT
    position, shard - 1 AS shard, item,
    rows.instruction, rows.input, asked.instruction AS item_instruction, asked.input AS item_input
FROM proposed
    JOIN read_parquet($rows) AS rows USING (position)
    JOIN asked USING (shard, item)
ORDER BY position, shard, item;
