-- Every query the Postgres source sends, by name. All are reads of the catalogue and the statistics views.

-- name: server
-- What the server is, and how many connections it takes. reserved_connections exists from version 16 on.
-- sees_everybody: what other roles do is shown to this one; pg_monitor brings it.
SELECT current_setting('server_version_num')::int AS version,
       pg_is_in_recovery() AS is_in_recovery,
       current_setting('max_connections')::int AS max_connections,
       current_setting('superuser_reserved_connections')::int
         + coalesce(current_setting('reserved_connections', true), '0')::int AS reserved_connections,
       extract(epoch FROM now() - pg_postmaster_start_time())::float8 AS up_seconds,
       coalesce(extract(epoch FROM now() - d.stats_reset)::float8, -1) AS since_reset_seconds,
       quote_ident(current_user) AS reader,
       pg_has_role('pg_read_all_stats', 'USAGE') AS sees_everybody
FROM pg_stat_database d WHERE d.datname = current_database();

-- name: closed_tables
-- pg_stats hides the columns, and EXPLAIN the plans, of tables that this role may not read.
SELECT quote_ident(n.nspname) AS schema, count(*) AS tables
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\_%%' AND n.nspname <> 'information_schema'
  AND NOT (has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'))
GROUP BY 1 ORDER BY 1;

-- name: extensions
SELECT e.extname AS name, n.nspname AS schema, e.extversion AS version
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname IN ('pg_stat_statements', 'hypopg', 'pg_trgm', 'pgstattuple');

-- name: columns_of_statements
-- The extension can lag the server: its columns are taken from the catalogue.
SELECT a.attname AS name FROM pg_attribute a
WHERE a.attrelid = (quote_ident(%(schema)s) || '.pg_stat_statements')::regclass AND a.attnum > 0 AND NOT a.attisdropped;

-- name: one_statement
SELECT queryid FROM {schema}.pg_stat_statements LIMIT 1;

-- name: statements_reset
SELECT extract(epoch FROM now() - stats_reset)::float8 AS seconds FROM {schema}.pg_stat_statements_info;

-- name: statements
-- The heaviest statements of this database. Times are in milliseconds.
SELECT queryid::text AS queryid, min(query) AS text, sum(calls)::bigint AS calls,
       sum({total_time})::float8 AS total_ms, sum(rows)::bigint AS rows,
       sum(shared_blks_hit)::bigint AS blocks_hit, sum(shared_blks_read)::bigint AS blocks_read
FROM {schema}.pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND queryid IS NOT NULL AND {toplevel}
GROUP BY queryid ORDER BY sum({total_time}) DESC LIMIT 500;

-- name: tables
SELECT n.nspname AS schema, c.relname AS name, c.reltuples::float8 AS rows, pg_table_size(c.oid) AS size_bytes,
       coalesce(s.seq_scan, 0) AS sequential_scans, coalesce(s.seq_tup_read, 0) AS sequential_rows_read,
       coalesce(s.idx_scan, 0) AS index_scans, s.n_tup_ins AS rows_inserted, s.n_tup_upd AS rows_updated,
       s.n_tup_del AS rows_deleted
FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\_%%'
ORDER BY c.relpages DESC LIMIT 2000;

-- name: indexes
SELECT n.nspname AS schema, t.relname AS table, c.relname AS name, pg_get_indexdef(i.indexrelid) AS definition,
       array(SELECT pg_get_indexdef(i.indexrelid, k, true) FROM generate_series(1, i.indnkeyatts) k ORDER BY k) AS columns,
       pg_relation_size(c.oid) AS size_bytes, coalesce(s.idx_scan, 0) AS scans, i.indisvalid AS is_valid,
       i.indisunique AS is_unique, EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid) AS backs_constraint,
       i.indisreplident AS is_replica_identity, c.relispartition OR c.relkind = 'I' AS is_part,
       EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = c.oid) AS is_being_built,
       (SELECT extract(epoch FROM now() - coalesce(d.stats_reset, pg_postmaster_start_time())) FROM pg_stat_database d
        WHERE d.datname = current_database())::float8 AS counted_seconds,
       NOT pg_is_in_recovery() AND NOT EXISTS (SELECT FROM pg_stat_replication) AS is_counted_everywhere
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_namespace n ON n.oid = t.relnamespace LEFT JOIN pg_stat_user_indexes s ON s.indexrelid = i.indexrelid
WHERE n.nspname NOT LIKE 'pg\_%%' AND n.nspname <> 'information_schema' LIMIT 5000;

-- name: activity
-- A reader without pg_monitor sees no backend_type but its own: others count all the same, as they hold connections.
SELECT count(*) AS total,
       count(*) FILTER (WHERE state = 'active') AS active,
       count(*) FILTER (WHERE state LIKE 'idle in transaction%%') AS idle_in_transaction,
       coalesce(max(extract(epoch FROM now() - state_change)) FILTER (WHERE state LIKE 'idle in transaction%%'), 0)::float8
         AS longest_idle_in_transaction_seconds,
       coalesce(max(extract(epoch FROM now() - query_start)) FILTER (WHERE state = 'active'), 0)::float8
         AS longest_query_seconds
FROM pg_stat_activity WHERE datid IS NOT NULL AND coalesce(backend_type, 'client backend') = 'client backend'
  AND pid <> pg_backend_pid();

-- name: applications
SELECT coalesce(application_name, '') AS name, count(*) AS connections
FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() GROUP BY 1;
