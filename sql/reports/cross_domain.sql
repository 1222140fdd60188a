-- title: Cross-domain flow
-- question: From which domains do the datasets of a domain draw? (share_pct is of the edges into the target domain)
-- source: paper, Table 2
WITH flow AS (
    SELECT unnest(upstream.domains) AS source_domain, downstream.domains AS targets
    FROM edges
    JOIN datasets AS upstream ON upstream.dataset_id = edges.source AND upstream.on_hub
    JOIN datasets AS downstream ON downstream.dataset_id = edges.target AND downstream.on_hub
),
pairs AS (SELECT source_domain, unnest(targets) AS target_domain FROM flow)
SELECT
    source_domain,
    target_domain,
    count(*) AS edges,
    round(100 * count(*) / sum(count(*)) OVER (PARTITION BY target_domain), 2) AS share_pct
FROM pairs
GROUP BY source_domain, target_domain
ORDER BY
    list_position(['math', 'code', 'general', 'science'], source_domain), source_domain,
    list_position(['math', 'code', 'general', 'science'], target_domain), target_domain
