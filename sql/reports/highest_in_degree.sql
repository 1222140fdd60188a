-- title: Most composite datasets
-- question: Which Hub datasets were made from most distinct sources, those off the Hub included?
-- source: paper, Table 7
-- parameter: top = 10 (rows)
SELECT row_number() OVER (ORDER BY in_degree DESC, dataset_id) AS rank, dataset_id, in_degree
FROM datasets
WHERE on_hub AND in_degree > 0
ORDER BY rank
LIMIT $top
