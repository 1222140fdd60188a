-- title: Deepest datasets
-- question: At the end of how many successive derivations do the deepest Hub datasets stand?
-- source: paper, Table 8
-- parameter: top = 10 (rows)
SELECT row_number() OVER (ORDER BY depth DESC, dataset_id) AS rank, dataset_id, depth
FROM datasets
WHERE on_hub AND depth > 0
ORDER BY rank
LIMIT $top
