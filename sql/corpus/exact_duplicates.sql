-- Rows whose question stands at an earlier position too. Equal digests are confirmed on the text.
WITH taken AS (
    SELECT rows.position, query_hi, query_lo
    FROM read_parquet($rows) AS rows SEMI JOIN read_parquet($kept) AS kept USING (position)
),
repeated AS (
    SELECT query_hi, query_lo FROM taken GROUP BY ALL HAVING count(*) > 1
),
suspects AS (
    SELECT position FROM taken SEMI JOIN repeated USING (query_hi, query_lo)
),
grouped AS (
    SELECT rows.position, min(rows.position) OVER (PARTITION BY query_hi, query_lo, instruction, input) AS kept_position
    FROM read_parquet($rows) AS rows SEMI JOIN suspects USING (position)
)
SELECT position, 'same_question' AS reason, kept_position
FROM grouped
WHERE position <> kept_position
ORDER BY position;
