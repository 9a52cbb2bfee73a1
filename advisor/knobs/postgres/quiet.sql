-- Whether this is a moment for a change on the database, by name.

-- name: active
-- Other sessions at work now.
SELECT count(*) AS sessions FROM pg_stat_activity
WHERE backend_type = 'client backend' AND state = 'active' AND pid <> pg_backend_pid() AND application_name NOT LIKE 'advisor%%';

-- name: longest_transaction
-- What would hold up a concurrent build, or keep dead rows from being removed: the oldest snapshot or writer.
SELECT pid, coalesce(nullif(application_name, ''), usename, 'somebody') AS who,
       extract(epoch FROM now() - xact_start)::float8 AS seconds
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
  AND (backend_xid IS NOT NULL OR backend_xmin IS NOT NULL) AND backend_type = 'client backend'
ORDER BY xact_start LIMIT 1;
