-- How many rows of the corpus each root gave.
SELECT dataset, count(*) AS held
FROM read_parquet($corpus)
GROUP BY dataset
ORDER BY dataset;
