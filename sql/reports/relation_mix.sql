-- title: Relations
-- question: How were sources used?
-- source: paper, section 7.3
SELECT
    relation,
    count(*) AS edges,
    round(100 * count(*) / sum(count(*)) OVER (), 2) AS share_pct,
    round(avg(confidence), 3) AS mean_confidence
FROM edges
GROUP BY relation
ORDER BY edges DESC, relation
