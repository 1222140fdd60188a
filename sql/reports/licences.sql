-- title: Licence conflicts
-- question: Which datasets declare a licence that drops a term of a licence upstream, where is the nearest ancestor with that term, and by which path?
-- source: licences as cards declare them; a term is read from the name of the licence, and no name decides a case at law
-- parameter: top = 1000 (rows)
WITH RECURSIVE terms AS (
    SELECT dataset_id, licence, unnest(list_filter([
        CASE WHEN regexp_matches(lower(licence), '(^|[-_ ])nc($|[-_ ])|non-?commercial') THEN 'no commercial use' END,
        CASE WHEN regexp_matches(lower(licence), '(^|[-_ ])nd($|[-_ ])|no-?deriv') THEN 'no derivatives' END,
        CASE WHEN regexp_matches(lower(licence), '(^|[-_ ])sa($|[-_ ])|gpl|odbl|share-?alike') THEN 'share alike' END
    ], lambda term: term IS NOT NULL)) AS term
    FROM datasets
    WHERE licence IS NOT NULL
),
bound (dataset_id, term, ancestor, path) USING KEY (dataset_id, term) AS ( -- the nearest ancestor with each term
    SELECT dataset_id, term, dataset_id, [dataset_id] FROM terms
    UNION
    SELECT edges.target, bound.term, min_by(bound.ancestor, bound.path), list_append(min(bound.path), edges.target)
    FROM bound
    JOIN edges ON edges.source = bound.dataset_id
    WHERE (edges.target, bound.term) NOT IN (SELECT (dataset_id, term) FROM recurring.bound)
    GROUP BY edges.target, bound.term
)
SELECT
    bound.dataset_id,
    downstream.licence,
    bound.term AS dropped_term,
    bound.ancestor,
    upstream.licence AS ancestor_licence,
    bound.path
FROM bound
JOIN datasets AS downstream USING (dataset_id)
JOIN datasets AS upstream ON upstream.dataset_id = bound.ancestor
WHERE downstream.licence IS NOT NULL
  AND (bound.dataset_id, bound.term) NOT IN (SELECT (dataset_id, term) FROM terms)
ORDER BY len(bound.path), bound.dataset_id, bound.term
LIMIT $top
