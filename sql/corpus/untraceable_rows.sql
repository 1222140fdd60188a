-- Rows of the corpus from one part of a dataset that are not the row of that number there, by their digest.
SELECT corpus.dataset, corpus.part, corpus."row"
FROM (SELECT * FROM read_parquet($corpus) WHERE dataset = $dataset AND part = $part) AS corpus
    ANTI JOIN read_parquet($digests) AS source
    ON corpus."row" = source."row"
        AND corpus.triplet_hi = source.triplet_hi AND corpus.triplet_lo = source.triplet_lo
ORDER BY corpus.dataset, corpus.part, corpus."row";
