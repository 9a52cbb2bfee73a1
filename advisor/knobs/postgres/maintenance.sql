-- What the knobs of maintenance ask the catalogue, by name.

-- name: table
-- may_maintain: the owner, or from 17 on whoever has MAINTAIN. Others are refused with no more than a warning.
SELECT c.oid::bigint AS oid, c.relkind::text AS kind, coalesce(c.reloptions, '{}') AS options,
       pg_has_role(c.relowner, 'USAGE') OR CASE WHEN current_setting('server_version_num')::int >= 170000
         THEN has_table_privilege(c.oid, 'MAINTAIN') ELSE false END AS may_maintain,
       pg_has_role(c.relowner, 'USAGE') AS is_owner, pg_get_userbyid(c.relowner) AS owner,
       pg_stat_get_last_analyze_time(c.oid) AS last_analyze, pg_stat_get_last_autoanalyze_time(c.oid) AS last_autoanalyze,
       pg_stat_get_last_vacuum_time(c.oid) AS last_vacuum, pg_stat_get_last_autovacuum_time(c.oid) AS last_autovacuum,
       EXISTS (SELECT FROM pg_stat_progress_vacuum p WHERE p.relid = c.oid) AS is_being_vacuumed,
       pg_is_in_recovery() AS is_replica
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %(schema)s AND c.relname = %(table)s;

-- name: index
SELECT c.oid::bigint AS oid, t.relname AS "table", pg_relation_filenode(c.oid)::bigint AS file, i.indisvalid AS is_valid
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %(schema)s AND c.relname = %(index)s;

-- name: remains
-- What a REINDEX CONCURRENTLY of this index left behind: INVALID, named by Postgres, of the very same definition.
SELECT c.relname AS name FROM pg_index mine JOIN pg_index i ON i.indrelid = mine.indrelid AND i.indexrelid <> mine.indexrelid
JOIN pg_class c ON c.oid = i.indexrelid
WHERE mine.indexrelid = %(oid)s AND NOT i.indisvalid AND c.relname ~ '_cc(new|old)\d*$'
  AND i.indkey::text = mine.indkey::text AND i.indclass::text = mine.indclass::text
  AND i.indoption::text = mine.indoption::text AND i.indisunique = mine.indisunique
  AND i.indpred::text IS NOT DISTINCT FROM mine.indpred::text AND i.indexprs::text IS NOT DISTINCT FROM mine.indexprs::text;

-- name: builds
-- Index builds under way on the table.
SELECT p.pid, p.command, p.phase, p.blocks_done AS done, p.blocks_total AS total
FROM pg_stat_progress_create_index p JOIN pg_index i ON i.indrelid = p.relid
WHERE i.indexrelid = %(oid)s LIMIT 1;
