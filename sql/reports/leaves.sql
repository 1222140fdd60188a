-- title: Leaves
-- question: At which Hub datasets does the lineage end, why, and how much is built on them?
-- source: paper, section 5
SELECT dataset_id, outcome, release_date, domains, out_degree
FROM datasets
WHERE is_leaf
ORDER BY out_degree DESC, dataset_id
