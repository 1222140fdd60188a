-- Datasets with three or more new sources that now have at least twice as many as in the snapshot before.
WITH status AS (
    SELECT split_part(subject, ' -> ', 2) AS target,
        CASE WHEN change = 'gone' THEN old ->> 'status' WHEN field = 'status' THEN old END AS was,
        CASE WHEN change = 'new' THEN new ->> 'status' WHEN field = 'status' THEN new END AS now
    FROM changes WHERE kind = 'edge'
),
gained AS (
    SELECT target,
        count(*) FILTER (now IN ('accepted', 'imported')) - count(*) FILTER (was IN ('accepted', 'imported')) AS gained
    FROM status GROUP BY ALL
),
sources AS (SELECT target, count(*) AS sources FROM edges GROUP BY ALL)
SELECT target AS dataset_id, sources - gained AS before, sources AS now
FROM sources JOIN gained USING (target)
WHERE gained >= 3 AND sources > gained AND sources >= 2 * (sources - gained)
ORDER BY dataset_id
