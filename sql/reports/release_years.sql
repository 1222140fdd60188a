-- title: Releases by year
-- question: In which years were the leaves and the internal datasets of each domain released?
-- source: paper, Figure 4
WITH dated AS (
    SELECT unnest(domains) AS domain, left(release_date, 4)::INTEGER AS year, is_leaf
    FROM datasets
    WHERE on_hub AND release_date IS NOT NULL
),
kinds AS (SELECT unnest(['leaf', 'internal']) AS kind)
SELECT domain, year, kind, count(*) FILTER (is_leaf = (kind = 'leaf')) AS datasets
FROM dated CROSS JOIN kinds
GROUP BY domain, year, kind
ORDER BY list_position(['math', 'code', 'general', 'science'], domain), domain, year, kind DESC
