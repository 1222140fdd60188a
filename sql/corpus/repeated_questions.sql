-- Rows of the corpus whose question stands in it before.
SELECT dataset, part, "row"
FROM (
    SELECT dataset, part, "row", row_number() OVER (PARTITION BY instruction, input ORDER BY dataset, part, "row") AS place
    FROM read_parquet($corpus)
)
WHERE place > 1
ORDER BY dataset, part, "row";
