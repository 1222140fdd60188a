-- title: Topology by domain
-- question: How deep, how composite and how reused are the datasets of each domain, and how many are leaves?
-- source: paper, Table 1
SELECT
    domain,
    count(*) AS nodes,
    round(avg(depth), 2) AS depth,
    round(avg(in_degree), 2) AS in_degree,
    round(avg(out_degree), 2) AS out_degree,
    round(100 * avg(is_leaf::INTEGER), 2) AS leaf_pct
FROM (SELECT unnest(domains) AS domain, depth, in_degree, out_degree, is_leaf FROM datasets WHERE on_hub)
GROUP BY domain
ORDER BY list_position(['math', 'code', 'general', 'science'], domain), domain
