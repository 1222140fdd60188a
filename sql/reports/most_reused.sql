-- title: Most reused datasets
-- question: On which Hub datasets are most others built, by domain and in the whole graph?
-- source: paper, Table 6
-- parameter: top = 10 (rows per domain)
WITH placed AS (
    SELECT unnest(list_append(domains, 'all')) AS domain, dataset_id, out_degree
    FROM datasets
    WHERE on_hub AND out_degree > 0
),
ranked AS (
    SELECT domain, row_number() OVER (PARTITION BY domain ORDER BY out_degree DESC, dataset_id) AS rank, dataset_id, out_degree
    FROM placed
)
SELECT domain, rank, dataset_id, out_degree
FROM ranked
WHERE rank <= $top
ORDER BY list_position(['all', 'math', 'code', 'general', 'science'], domain), domain, rank
