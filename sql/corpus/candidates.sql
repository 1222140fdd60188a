-- Hub datasets from which a corpus may be sampled, the most used first.
SELECT dataset_id, is_leaf, outcome, domains, licence, release_date, out_degree
FROM datasets
WHERE on_hub AND (is_leaf OR in_degree > 0)
ORDER BY is_leaf DESC, out_degree DESC, dataset_id;
