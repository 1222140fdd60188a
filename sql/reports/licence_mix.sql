-- title: Licences
-- question: Under which licences do the Hub datasets stand, and how much is built on them?
-- source: licences as cards declare them
SELECT
    coalesce(nullif(licence, ''), 'none declared') AS licence,
    count(*) AS datasets,
    round(100 * count(*) / sum(count(*)) OVER (), 2) AS share_pct,
    sum(out_degree)::BIGINT AS uses
FROM datasets
WHERE on_hub
GROUP BY ALL
ORDER BY datasets DESC, licence
