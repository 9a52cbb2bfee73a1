-- Every query the Postgres source sends, by name. All are reads of the catalogue and the statistics views.

-- name: server
-- What the server is, and how many connections it takes. reserved_connections exists from version 16 on.
-- standbys: servers whose reads of our indexes we do not see; a logical subscriber has indexes of its own.
-- sees_everybody: what other roles do is shown to this one; pg_monitor brings it. log_...: how to read its log.
SELECT current_setting('server_version_num')::int AS version,
       current_database() AS database, now() AS now,
       pg_is_in_recovery() AS is_in_recovery,
       current_setting('max_connections')::int AS max_connections,
       current_setting('superuser_reserved_connections')::int
         + coalesce(current_setting('reserved_connections', true), '0')::int AS reserved_connections,
       extract(epoch FROM now() - pg_postmaster_start_time())::float8 AS up_seconds,
       coalesce(extract(epoch FROM now() - d.stats_reset)::float8, -1) AS since_reset_seconds,
       quote_ident(current_user) AS reader,
       (SELECT count(*) FROM pg_stat_replication r WHERE coalesce(r.state, '') <> 'backup' AND NOT EXISTS
         (SELECT FROM pg_replication_slots s WHERE s.active_pid = r.pid AND s.slot_type = 'logical')) AS standbys,
       pg_has_role('pg_read_all_stats', 'USAGE') AS sees_everybody,
       coalesce(current_setting('log_timezone', true), '') AS log_timezone,
       coalesce(current_setting('log_statement', true), '') AS log_statement
FROM pg_stat_database d WHERE d.datname = current_database();

-- name: unseen_tables
-- pg_stats hides the columns, and EXPLAIN the plans, of tables that this role may not read; pg_stats those too of which
-- row security shows it some rows only.
SELECT quote_ident(n.nspname) AS schema, count(*) FILTER (WHERE NOT k.is_open) AS closed, count(*) FILTER (WHERE k.is_open) AS secured
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL
  (SELECT has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AS is_open) k
WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\_%%' AND n.nspname <> 'information_schema'
  AND (NOT k.is_open OR row_security_active(c.oid))
GROUP BY 1 ORDER BY 1;

-- name: extensions
SELECT e.extname AS name, n.nspname AS schema, e.extversion AS version
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname IN ('pg_stat_statements', 'hypopg', 'pg_trgm', 'pgstattuple');

-- name: columns_of_statements
-- The extension can lag the server: its columns are taken from the catalogue.
SELECT a.attname AS name FROM pg_attribute a
WHERE a.attrelid = (quote_ident(%(schema)s) || '.pg_stat_statements')::regclass AND a.attnum > 0 AND NOT a.attisdropped;

-- name: hidden_statements
-- Entries of other roles show neither text nor number to one without pg_read_all_stats. An entry whose text is lost has
-- its number.
SELECT count(*) FILTER (WHERE s.queryid IS NULL) AS entries,
       count(*) FILTER (WHERE s.queryid IS NOT NULL AND s.query IS NULL) AS lost
FROM {schema}.pg_stat_statements s
WHERE s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database());

-- name: statements_reset
SELECT extract(epoch FROM now() - stats_reset)::float8 AS seconds FROM {schema}.pg_stat_statements_info;

-- name: statements
-- The entries of this database that lead by total time, by calls, or by mean time (over 100 ms, the guide's line), each
-- role's apart, and how many there are. Times are in milliseconds. The sum of squares is calls (stddev^2 + mean^2).
SELECT * FROM (
  SELECT s.queryid::text AS queryid, s.userid::bigint AS role, s.query AS text, s.calls, s.rows,
         s.{total_time}::float8 AS total_ms,
         (s.calls * (s.{stddev_time} ^ 2 + s.{mean_time} ^ 2))::float8 AS squared_ms2,
         {plan_time}::float8 AS plan_ms, s.shared_blks_hit AS blocks_hit, s.shared_blks_read AS blocks_read,
         s.temp_blks_read + s.temp_blks_written AS temp_blocks, {since} AS since,
         row_number() OVER (ORDER BY s.{total_time} DESC) AS by_total, row_number() OVER (ORDER BY s.calls DESC) AS by_calls,
         row_number() OVER (ORDER BY s.{mean_time} DESC) AS by_mean, s.{mean_time} > 100 AS is_slow, count(*) OVER () AS entries
  FROM {schema}.pg_stat_statements s
  WHERE s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND s.queryid IS NOT NULL AND {toplevel}
    AND s.query NOT LIKE '%%/* advisor */'
) ranked
WHERE by_total <= 500 OR by_calls <= 200 OR (is_slow AND by_mean <= 200);

-- name: search_paths
-- What ALTER ROLE and ALTER DATABASE have set, the most particular first; a path in the server's file is hidden from us.
SELECT r.oid::bigint AS role, r.rolname AS name, coalesce(k.path, '"$user", public') AS path
FROM pg_roles r LEFT JOIN LATERAL (
  SELECT substr(o, length('search_path=') + 1) AS path FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) o
  WHERE o LIKE 'search\_path=%%' AND s.setrole IN (0, r.oid)
    AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
  ORDER BY s.setrole = 0, s.setdatabase = 0 LIMIT 1) k ON true
WHERE r.oid = ANY (%(roles)s::bigint[]::oid[]);

-- name: tables
SELECT n.nspname AS schema, c.relname AS name, c.reltuples::float8 AS rows, pg_table_size(c.oid) AS size_bytes,
       coalesce(s.seq_scan, 0) AS sequential_scans, coalesce(s.seq_tup_read, 0) AS sequential_rows_read,
       coalesce(s.idx_scan, 0) AS index_scans, s.n_tup_ins AS rows_inserted, s.n_tup_upd AS rows_updated,
       s.n_tup_del AS rows_deleted, s.n_tup_hot_upd AS rows_hot_updated
FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\_%%'
ORDER BY c.relpages DESC LIMIT 2000;

-- name: other_relations
-- What holds rows and is in no look, for the statistics count it nowhere, or elsewhere, or by its parts.
SELECT CASE c.relkind WHEN 'p' THEN 'partitioned table' WHEN 'm' THEN 'materialised view' ELSE 'foreign table' END
       || ' ' || n.nspname || '.' || c.relname AS name
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('p', 'm', 'f') AND NOT c.relispartition AND n.nspname NOT LIKE 'pg\_%%' AND n.nspname <> 'information_schema'
ORDER BY c.relkind DESC, 1 LIMIT 100;

-- name: indexes
SELECT n.nspname AS schema, t.relname AS table, c.relname AS name, pg_get_indexdef(i.indexrelid) AS definition,
       array(SELECT pg_get_indexdef(i.indexrelid, k, true) FROM generate_series(1, i.indnkeyatts) k ORDER BY k) AS columns,
       pg_relation_size(c.oid) AS size_bytes, coalesce(s.idx_scan, 0) AS scans, i.indisvalid AS is_valid,
       i.indisunique AS is_unique, EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid) AS backs_constraint,
       i.indisreplident AS is_replica_identity, c.relispartition OR c.relkind = 'I' AS is_part,
       EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = c.oid) AS is_being_built,
       coalesce(obj_description(c.oid, 'pg_class') ~ '^advisor \S+ term \d+$', false) AS is_ours
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_namespace n ON n.oid = t.relnamespace LEFT JOIN pg_stat_user_indexes s ON s.indexrelid = i.indexrelid
WHERE n.nspname NOT LIKE 'pg\_%%' AND n.nspname <> 'information_schema' LIMIT 5000;

-- name: index_reads
-- How often this server has read each index, and for how long it has not. Reads are counted since the database's
-- statistics were reset; where that was never asked for, since the server's own were, as they are after a crash. An
-- index that is younger is known where commits have their time. When one was read last is kept from version 16 on.
SELECT n.nspname AS schema, c.relname AS name, s.idx_scan AS scans,
       extract(epoch FROM now() - CASE WHEN s.idx_scan = 0 THEN greatest(k.since, CASE
           WHEN current_setting('track_commit_timestamp')::bool THEN pg_xact_commit_timestamp(c.xmin) END)
         ELSE (to_jsonb(s) ->> 'last_idx_scan')::timestamptz END)::float8 AS idle_seconds
FROM pg_stat_user_indexes s JOIN pg_class c ON c.oid = s.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN (SELECT greatest(d.stats_reset, b.stats_reset) AS since FROM pg_stat_database d, pg_stat_bgwriter b
            WHERE d.datname = current_database()) k
LIMIT 5000;

-- name: activity
-- A reader without pg_monitor sees no backend_type but its own: others count all the same, as they hold connections.
SELECT count(*) AS total,
       count(*) FILTER (WHERE state = 'active') AS active,
       count(*) FILTER (WHERE state = 'active' AND wait_event IS NULL) AS on_cpu,
       count(*) FILTER (WHERE state LIKE 'idle in transaction%%') AS idle_in_transaction,
       coalesce(max(extract(epoch FROM now() - state_change)) FILTER (WHERE state LIKE 'idle in transaction%%'), 0)::float8
         AS longest_idle_in_transaction_seconds,
       coalesce(max(extract(epoch FROM now() - query_start)) FILTER (WHERE state = 'active'), 0)::float8
         AS longest_query_seconds
FROM pg_stat_activity WHERE datid IS NOT NULL AND coalesce(backend_type, 'client backend') = 'client backend'
  AND pid <> pg_backend_pid();

-- name: running_texts
-- The last statement of every other session, whole: a text that fills its place may have been cut off.
SELECT DISTINCT query AS text FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND query <> '' AND query NOT LIKE '%%/* advisor */'
  AND octet_length(query) < (SELECT setting::int - 1 FROM pg_settings WHERE name = 'track_activity_query_size') LIMIT 200;

-- name: applications
SELECT coalesce(application_name, '') AS name, count(*) AS connections
FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() GROUP BY 1;

-- name: transactions
-- Who has had a transaction open in this database for more than a few seconds, and what it holds back.
SELECT pid, coalesce(usename, '') AS role, coalesce(application_name, '') AS application,
       coalesce(host(client_addr), 'local') AS client, coalesce(state, '') AS state,
       extract(epoch FROM now() - xact_start)::float8 AS open_seconds,
       coalesce(extract(epoch FROM now() - state_change), 0)::float8 AS state_seconds,
       left(query, 500) AS statement, coalesce(greatest(age(backend_xid), age(backend_xmin)), 0) AS horizon_age
FROM pg_stat_activity
WHERE backend_type = 'client backend' AND datname = current_database() AND pid <> pg_backend_pid()
  AND xact_start < now() - interval '5 seconds'
UNION ALL
SELECT 0, owner, '', '', 'prepared', extract(epoch FROM now() - prepared)::float8,
       extract(epoch FROM now() - prepared)::float8, gid, age(transaction)
FROM pg_prepared_xacts WHERE database = current_database() AND prepared < now() - interval '5 seconds'
ORDER BY 6 DESC LIMIT 200;

-- name: maintenance
SELECT n.nspname AS schema, c.relname AS "table",
       coalesce(s.n_live_tup, 0) AS live_rows, coalesce(s.n_dead_tup, 0) AS dead_rows,
       coalesce(s.n_mod_since_analyze, 0) AS changed_since_analyze,
       coalesce(s.n_ins_since_vacuum, 0) AS inserted_since_vacuum,
       greatest(s.last_analyze, s.last_autoanalyze) AS analyzed_at,
       greatest(s.last_vacuum, s.last_autovacuum) AS vacuumed_at,
       EXISTS (SELECT FROM pg_stat_progress_vacuum p WHERE p.relid = c.oid) AS is_being_vacuumed,
       coalesce(c.reloptions, '{}') AS options, age(c.relfrozenxid) AS transaction_age
FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\_%%'
ORDER BY c.relpages DESC LIMIT 2000;

-- name: foreign_keys
SELECT n.nspname AS schema, c.relname AS "table", rn.nspname AS referenced_schema, r.relname AS referenced_table,
       array(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(number, place)
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.place) AS columns,
       array(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u(number, place)
             JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number ORDER BY u.place) AS referenced_columns
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class r ON r.oid = k.confrelid JOIN pg_namespace rn ON rn.oid = r.relnamespace
WHERE k.contype = 'f' ORDER BY 1, 2, k.conname LIMIT 5000;

-- name: ages
-- How far the databases of this server are from wraparound.
SELECT datname AS database, age(datfrozenxid) AS transactions, mxid_age(datminmxid) AS multixacts
FROM pg_database WHERE datallowconn ORDER BY 2 DESC LIMIT 20;

-- name: vacuum_settings
SELECT current_setting('autovacuum')::bool AND current_setting('track_counts')::bool AS is_on,
       current_setting('autovacuum_vacuum_scale_factor')::float8 AS scale_factor,
       current_setting('autovacuum_vacuum_threshold')::int AS threshold,
       current_setting('autovacuum_analyze_scale_factor')::float8 AS analyze_scale_factor,
       current_setting('autovacuum_analyze_threshold')::int AS analyze_threshold,
       current_setting('autovacuum_freeze_max_age')::int AS freeze_max_age;

-- name: bloat_estimates
-- What a table and its B-trees would take if freshly written, from the widths that ANALYZE saw. A row: a header of 24
-- bytes (null bitmap included), its columns, aligned to 8, and a line pointer of 4. An index entry: a header of 8, its
-- columns, aligned, and a pointer; pages are filled to the fillfactor (100 for tables, 90 for B-trees), less their
-- headers. Columns that ANALYZE never saw, or that this role may not read, have no width: then there is no estimate.
WITH column_width AS (
  SELECT a.attrelid AS relid, a.attnum, coalesce(s.avg_width * (1 - s.null_frac), -1) AS bytes
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname AND NOT s.inherited
  WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind = 'r' AND n.nspname NOT LIKE 'pg\_%%'
    AND n.nspname <> 'information_schema' AND c.relpages >= %(smallest_pages)s
), row_width AS (
  SELECT relid, 24 + ceil(sum(bytes) / 8) * 8 + 4 AS bytes FROM column_width GROUP BY relid HAVING min(bytes) >= 0
), entry_width AS (
  SELECT i.indexrelid AS relid, i.indrelid, 8 + ceil(sum(w.bytes) / 8) * 8 + 4 AS bytes
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam AND m.amname = 'btree'
  JOIN unnest(i.indkey::int[]) k(attnum) ON true JOIN column_width w ON w.relid = i.indrelid AND w.attnum = k.attnum
  WHERE i.indisvalid AND i.indexprs IS NULL AND i.indpred IS NULL
  GROUP BY i.indexrelid, i.indrelid, i.indnatts HAVING min(w.bytes) >= 0 AND count(*) = i.indnatts
), expected AS (
  SELECT c.oid AS relid, c.relpages, 24 AS page_header, 100 AS fill, w.bytes, c.reltuples, c.reloptions
  FROM row_width w JOIN pg_class c ON c.oid = w.relid WHERE c.reltuples >= 0
  UNION ALL
  SELECT c.oid, c.relpages, 40, 90, w.bytes, c.reltuples, c.reloptions
  FROM entry_width w JOIN pg_class c ON c.oid = w.relid WHERE c.reltuples >= 0
)
SELECT e.relid::bigint AS oid, e.relpages * 8192::bigint AS size_bytes,
       greatest(0, e.relpages - ceil(e.reltuples * e.bytes / (8192 - e.page_header) * 100
         / coalesce((SELECT option_value::int FROM pg_options_to_table(e.reloptions)
                     WHERE option_name = 'fillfactor'), e.fill)))::bigint * 8192 AS wasted_bytes
FROM expected e
ORDER BY e.relpages DESC LIMIT 2000;

-- name: bloat_candidates
-- Tables and B-trees of at least %(smallest)s bytes, the largest first. The sizes of the last VACUUM or ANALYZE say
-- which ones are worth asking the file system about.
WITH large AS MATERIALIZED (
  SELECT c.oid, c.relname, c.relnamespace, c.relkind, c.relam FROM pg_class c
  WHERE c.relkind IN ('r', 'i') AND c.relpersistence <> 't' AND c.relpages >= %(smallest)s / 16384
)
SELECT c.oid::bigint AS oid, pg_relation_filenode(c.oid)::bigint AS file, n.nspname AS schema, t.relname AS "table",
       CASE WHEN i.indexrelid IS NULL THEN '' ELSE c.relname END AS "index", pg_relation_size(c.oid) AS size_bytes,
       CASE WHEN i.indexrelid IS NULL
            THEN greatest(pg_stat_get_last_vacuum_time(c.oid), pg_stat_get_last_autovacuum_time(c.oid)) END AS vacuumed_at
FROM large c LEFT JOIN pg_index i ON i.indexrelid = c.oid JOIN pg_class t ON t.oid = coalesce(i.indrelid, c.oid)
JOIN pg_namespace n ON n.oid = t.relnamespace LEFT JOIN pg_am m ON m.oid = c.relam
WHERE n.nspname NOT LIKE 'pg\_%%' AND n.nspname <> 'information_schema'
  AND (c.relkind = 'r' OR (m.amname = 'btree' AND i.indisvalid)) AND pg_relation_size(c.oid) >= %(smallest)s
ORDER BY pg_relation_size(c.oid) DESC LIMIT 500;

-- name: table_bloat
-- All-visible pages are skipped; their free space is taken from the free space map.
SELECT table_len AS size_bytes, dead_tuple_len AS dead_bytes, dead_tuple_len + approx_free_space AS wasted_bytes
FROM {schema}.pgstattuple_approx(%(oid)s::oid::regclass);

-- name: index_bloat
-- Leaves of a fresh B-tree are filled to 90%%; deleted and empty pages serve nobody. Pages but few are leaves.
SELECT index_size AS size_bytes, 0::bigint AS dead_bytes,
       ((deleted_pages + empty_pages) * 8192
        + leaf_pages * 8192 * greatest(0, 1 - coalesce(nullif(avg_leaf_density, 'NaN'), 90) / 90))::bigint AS wasted_bytes
FROM {schema}.pgstatindex(%(oid)s::oid::regclass);

-- name: current_log
-- The file that the server logs to now, in the format that says most. Needs pg_monitor.
SELECT coalesce(pg_current_logfile('jsonlog'), pg_current_logfile('csvlog'), pg_current_logfile()) AS path;

-- name: current_log_before_15
SELECT coalesce(pg_current_logfile('csvlog'), pg_current_logfile()) AS path;

-- name: log_size
SELECT size FROM pg_ls_logdir() WHERE name = %(name)s;

-- name: log_bytes
-- Needs EXECUTE on pg_read_binary_file, which nobody but superusers has by default.
SELECT pg_read_binary_file(%(path)s, %(offset)s, %(length)s, true) AS bytes;

-- name: search_path
-- Captured statements do not say which schemas their session searched: "public" first, then every other one.
SELECT string_agg(quote_ident(nspname), ', ' ORDER BY nspname <> 'public', nspname) AS path
FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%%' AND nspname <> 'information_schema';

-- name: column_types
-- Of the tables of these names, in whatever schema.
SELECT n.nspname AS schema, c.relname AS table, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relname = ANY (%(names)s::text[]) AND c.relkind IN ('r', 'p', 'm', 'f', 'v') AND a.attnum > 0 AND NOT a.attisdropped
  AND n.nspname NOT LIKE 'pg\_%%' AND n.nspname <> 'information_schema'
ORDER BY a.attrelid, a.attnum;
