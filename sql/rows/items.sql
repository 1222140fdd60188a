-- The distinct queries of datasets, each by its first place.
-- digests: the rows of one or more datasets.
SELECT dataset, min(place) AS place
FROM digests
GROUP BY dataset, query_hi, query_lo
ORDER BY dataset, place
