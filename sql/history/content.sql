-- One digest of all that is compared.
SELECT sha256(coalesce(string_agg(sha256(concat_ws(chr(31), kind, key, field, value)), '' ORDER BY kind, key, field), ''))
FROM facts
