-- All that is compared between snapshots, one row a field: nothing that is derived from the rest (depth, degrees), and
-- nothing that changes without the graph (downloads, likes, times, the version of a document, the place of a quote).
WITH dataset_fields AS (
    UNPIVOT (
        SELECT dataset_id, on_hub::VARCHAR AS on_hub, outcome, nullif(detail, '') AS detail, release_date, release_origin,
            array_to_string(domains, ', ') AS domains, is_leaf::VARCHAR AS is_leaf, licence, summary, construction, revision
        FROM datasets
    ) ON COLUMNS(* EXCLUDE dataset_id) INTO NAME field VALUE value
),
edge_fields AS (
    UNPIVOT (
        SELECT source || ' -> ' || target AS pair, relation, confidence::VARCHAR AS confidence, status,
            nullif(reason, '') AS reason, witnesses::VARCHAR AS witnesses, disagreement,
            is_benchmark::VARCHAR AS is_benchmark
        FROM edge_candidates
    ) ON COLUMNS(* EXCLUDE pair) INTO NAME field VALUE value
),
statements AS (
    SELECT DISTINCT source || ' -> ' || target AS pair, to_json({
        mention: mention, document: document_kind, quote: quote, relation: relation, confidence: confidence,
        said_by: said_by, verified: verified, status: status, reason: reason, about: about
    })::VARCHAR AS value
    FROM witnesses
)
SELECT 'dataset' AS kind, dataset_id AS key, dataset_id AS subject, field, value FROM dataset_fields
UNION ALL
SELECT 'edge', pair, pair, field, value FROM edge_fields
UNION ALL
SELECT 'statement', pair || ' ' || sha256(value), pair, 'statement', value FROM statements
