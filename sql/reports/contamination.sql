-- title: Contamination
-- question: Which training sets hold most of a benchmark's questions, and by which lineage paths can they have come?
-- source: paper, Table 10 and Figure 6
-- parameter: top = 100 (rows)
SELECT
    row_number() OVER (ORDER BY rate DESC, matched_near DESC, train, benchmark) AS rank,
    train,
    benchmark,
    matched,
    benchmark_queries,
    round(100 * rate, 2) AS rate_pct,
    matched_normalised,
    matched_near,
    found_by,
    paths
FROM contamination
WHERE matched_near > 0 OR matched > 0
ORDER BY rank
LIMIT $top
