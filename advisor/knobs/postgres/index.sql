-- What the index knob asks the catalogue, by name.

-- name: index
-- The index of this name, whatever it is. columns: of its keys, "" for an expression. options: 1 descending, 2 nulls first.
SELECT t.relname AS table, i.indisvalid AS is_valid, obj_description(c.oid, 'pg_class') AS comment,
       m.amname::text AS access_method, i.indisunique AS is_unique, i.indpred IS NOT NULL AS has_predicate,
       array(SELECT coalesce(a.attname::text, '') FROM unnest(i.indkey::int[]) WITH ORDINALITY k(attnum, place)
             LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum <> 0
             WHERE k.place <= i.indnkeyatts ORDER BY k.place) AS columns,
       array(SELECT a.attname::text FROM unnest(i.indkey::int[]) WITH ORDINALITY k(attnum, place)
             JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
             WHERE k.place > i.indnkeyatts ORDER BY k.place) AS include, i.indoption::int[] AS options
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am m ON m.oid = c.relam
WHERE n.nspname = %(schema)s AND c.relname = %(index)s;

-- name: relation
-- The kind of the table: r ordinary, p partitioned, v view, m materialised view, f foreign.
SELECT c.relkind::text AS kind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %(schema)s AND c.relname = %(table)s;

-- name: builds
-- Index builds under way on the table.
SELECT i.relname AS index, p.phase, p.blocks_done AS done, p.blocks_total AS total
FROM pg_stat_progress_create_index p LEFT JOIN pg_class i ON i.oid = p.index_relid
JOIN pg_class c ON c.oid = p.relid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE p.datname = current_database() AND n.nspname = %(schema)s AND c.relname = %(table)s;

-- name: recovery
SELECT pg_is_in_recovery() AS is_replica;

-- name: builder
-- Who this session is, and what keeps it from building an index on some table of the users' schemas: owners whose
-- member it is not (nobody is made a superuser's member for it), and schemas where it may create nothing, unless the
-- membership that is missing brings that, too.
SELECT quote_ident(current_user) AS role, pg_is_in_recovery() AS is_replica, count(t.oid) AS tables,
       coalesce(array_agg(DISTINCT t.owner) FILTER (WHERE NOT t.is_ours AND NOT t.is_superusers), '{}') AS other_owners,
       coalesce(array_agg(t.name) FILTER (WHERE NOT t.is_ours AND t.is_superusers), '{}') AS superusers_tables,
       coalesce(array_agg(DISTINCT t.schema) FILTER (WHERE t.is_closed AND (t.is_ours OR t.is_superusers)), '{}')
         AS closed_schemas
FROM (SELECT) one LEFT JOIN (
  SELECT c.oid, format('%%I.%%I', n.nspname, c.relname) AS name, quote_ident(n.nspname) AS schema,
         quote_ident(o.rolname) AS owner, o.rolsuper AS is_superusers, pg_has_role(c.relowner, 'USAGE') AS is_ours,
         NOT has_schema_privilege(n.oid, 'CREATE') AS is_closed
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles o ON o.oid = c.relowner
  WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname NOT LIKE 'pg\_%%' AND n.nspname <> 'information_schema'
) t ON true;
