-- Benchmark queries that stand in training sets, to the letter and in normalised text: one row per kind, benchmark
-- query and training set, with the first place of each.
-- benchmarks, training: the rows of both; several datasets each.
WITH items AS (
    SELECT dataset, query_hi, query_lo, query_norm_hi, query_norm_lo, min(place) AS place
    FROM benchmarks
    GROUP BY dataset, query_hi, query_lo, query_norm_hi, query_norm_lo
)
SELECT 'exact' AS kind, training.dataset AS train, items.dataset AS benchmark, items.place AS item,
    min(training.place) AS found
FROM items JOIN training ON items.query_hi = training.query_hi AND items.query_lo = training.query_lo
GROUP BY training.dataset, items.dataset, items.place
UNION ALL
SELECT 'normalised' AS kind, training.dataset AS train, items.dataset AS benchmark, items.place AS item,
    min(training.place) AS found
FROM items
JOIN training
    ON items.query_norm_hi = training.query_norm_hi AND items.query_norm_lo = training.query_norm_lo
GROUP BY training.dataset, items.dataset, items.place
ORDER BY kind, train, benchmark, item
