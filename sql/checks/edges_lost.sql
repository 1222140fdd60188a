-- Edges that counted in the snapshot before and no longer do, where those are three or more and above a tenth of all.
WITH before AS (
    SELECT edges FROM snapshots WHERE number < (SELECT max(number) FROM snapshots) ORDER BY number DESC LIMIT 1
),
status AS (
    SELECT subject,
        CASE WHEN change = 'gone' THEN old ->> 'status' WHEN field = 'status' THEN old END AS was,
        CASE WHEN change = 'gone' THEN 'gone' WHEN field = 'status' THEN new END AS now
    FROM changes WHERE kind = 'edge'
),
lost AS (FROM status WHERE was IN ('accepted', 'imported') AND now NOT IN ('accepted', 'imported'))
SELECT subject AS edge, was, now FROM lost
WHERE (SELECT count(*) FROM lost) >= 3 AND (SELECT count(*) FROM lost) > 0.1 * (SELECT edges FROM before)
ORDER BY edge
