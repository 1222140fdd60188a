-- Runs that asked models, newest first: calls, tokens and cost together.
CREATE VIEW runs AS
SELECT
    run,                                                          -- process that sent the calls
    min(started_at) AS started_at,                                -- when the first was sent
    count(DISTINCT dataset_id) AS datasets,                       -- datasets traced with models
    count(*) FILTER (NOT cache_hit) AS calls,                     -- requests sent
    count(*) FILTER (cache_hit) AS cache_hits,                    -- answers found on disk
    count(*) FILTER (outcome NOT IN ('ok', 'cached')) AS not_ok,  -- calls that failed or did not end
    sum(input_tokens)::BIGINT AS input_tokens,                    -- tokens sent
    sum(output_tokens)::BIGINT AS output_tokens,                  -- tokens received
    sum(cost_usd) AS cost_usd,                                    -- US dollars
    sum(seconds) AS seconds                                       -- time of all calls, one after another
FROM ledger
GROUP BY run
ORDER BY started_at DESC;
