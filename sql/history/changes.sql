-- From the facts before to the facts now.
WITH both_sides AS (
    SELECT kind, key, subject, field, before.value AS old, now.value AS new
    FROM facts_before AS before FULL JOIN facts AS now USING (kind, key, subject, field)
    WHERE before.value IS DISTINCT FROM now.value
),
known_before AS (SELECT DISTINCT kind, key FROM facts_before),
known_now AS (SELECT DISTINCT kind, key FROM facts),
told AS (
    SELECT *,
        (kind, key) IN (SELECT (kind, key) FROM known_before) AS was,
        (kind, key) IN (SELECT (kind, key) FROM known_now) AS is_now
    FROM both_sides
)
SELECT kind, 'changed' AS change, subject, field, old, new FROM told WHERE was AND is_now
UNION ALL
SELECT kind, 'new', subject, NULL, NULL,
    CASE kind WHEN 'statement' THEN any_value(new) ELSE to_json(map_from_entries(list((field, new) ORDER BY field)))::VARCHAR END
FROM told WHERE NOT was GROUP BY kind, key, subject
UNION ALL
SELECT kind, 'gone', subject, NULL,
    CASE kind WHEN 'statement' THEN any_value(old) ELSE to_json(map_from_entries(list((field, old) ORDER BY field)))::VARCHAR END,
    NULL
FROM told WHERE NOT is_now GROUP BY kind, key, subject
ORDER BY ALL
