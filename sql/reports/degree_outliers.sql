-- title: Degree outliers
-- question: Which Hub datasets have far more sources, or far more datasets built on them, than most of those that have any?
-- source: Tukey's fences: above the third quartile by some times the distance between the quartiles
-- parameter: distances = 3 (between the first and the third quartile)
WITH degrees AS (
    SELECT 'in_degree' AS figure, dataset_id, in_degree AS degree FROM datasets WHERE on_hub AND in_degree > 0
    UNION ALL
    SELECT 'out_degree', dataset_id, out_degree FROM datasets WHERE on_hub AND out_degree > 0
),
fences AS (
    SELECT
        figure,
        median(degree) AS median,
        quantile_cont(degree, 0.75) + $distances * greatest(quantile_cont(degree, 0.75) - quantile_cont(degree, 0.25), 1)
            AS fence
    FROM degrees
    GROUP BY figure
)
SELECT figure, dataset_id, degree, median, fence
FROM degrees JOIN fences USING (figure)
WHERE degree > fence
ORDER BY figure, degree DESC, dataset_id
