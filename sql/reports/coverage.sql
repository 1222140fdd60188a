-- title: Coverage
-- question: How did the traces of the datasets end, and for what reason?
-- source: outcomes of a trace
SELECT
    coalesce(outcome, 'not_traced') AS outcome,
    nullif(detail, '') AS reason,
    count(*) AS datasets,
    round(100 * count(*) / sum(count(*)) OVER (), 2) AS share_pct
FROM datasets
WHERE on_hub OR outcome IS NOT NULL
GROUP BY ALL
ORDER BY datasets DESC, outcome, reason
