-- What the planner clone asks the source. Reads only. The answers hold users' data: they are never logged.

-- name: settings
-- What the planner heeds, where it differs from how servers come.
SELECT name, setting FROM pg_settings
WHERE (category LIKE 'Query Tuning%%' OR name IN ('work_mem', 'hash_mem_multiplier', 'max_parallel_workers',
       'max_parallel_workers_per_gather', 'cursor_tuple_fraction', 'DateStyle', 'IntervalStyle', 'TimeZone'))
  AND setting IS DISTINCT FROM boot_val AND name NOT IN ('default_statistics_target');

-- name: locale
-- Whether text sorts by byte, which lets a plain index serve LIKE 'x%%'. The provider is told from 15.
SELECT CASE to_jsonb(d) ->> 'datlocprovider' WHEN 'i' THEN false WHEN 'b' THEN true
            ELSE d.datcollate IN ('C', 'POSIX') END AS by_byte
FROM pg_database d WHERE d.datname = current_database();

-- name: oids
SELECT c.oid::bigint AS oid FROM unnest(%(schemas)s::text[], %(names)s::text[]) w (schema, name)
JOIN pg_namespace n ON n.nspname = w.schema JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name;

-- name: stamps
-- What an ANALYZE changes: the statistics are read anew where one of these differs.
SELECT c.oid::bigint AS oid, c.reltuples::float8 AS rows, c.relpages AS pages, s.analyze_count, s.autoanalyze_count, s.last_analyze,
       s.last_autoanalyze, (SELECT count(*) FROM pg_index i WHERE i.indrelid = c.oid) AS indexes
FROM pg_class c LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
WHERE c.oid = ANY (%(oids)s::bigint[]::oid[]);

-- name: types
-- Enumerations, domains, composites and ranges of the tables' columns, and what those are made of: parts first.
WITH RECURSIVE used AS (
    SELECT a.atttypid AS oid FROM pg_attribute a
    WHERE a.attrelid = ANY (%(oids)s::bigint[]::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
    UNION
    SELECT p.oid FROM used u JOIN pg_type t ON t.oid = u.oid CROSS JOIN LATERAL (
        SELECT nullif(t.typelem, 0) UNION SELECT nullif(t.typbasetype, 0)
        UNION SELECT a.atttypid FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
        UNION SELECT r.rngsubtype FROM pg_range r WHERE r.rngtypid = t.oid) p (oid) WHERE p.oid IS NOT NULL
)
SELECT n.nspname AS schema, t.typname AS name, t.typtype::text AS kind, format_type(t.typbasetype, t.typtypmod) AS base,
       array(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) AS labels,
       array(SELECT ARRAY[a.attname::text, format_type(a.atttypid, a.atttypmod)] FROM pg_attribute a
             WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum) AS parts,
       (SELECT format_type(r.rngsubtype, NULL) FROM pg_range r WHERE r.rngtypid = t.oid) AS subtype
FROM used u JOIN pg_type t ON t.oid = u.oid JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
WHERE (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = t.oid AND d.deptype = 'e')
ORDER BY t.oid;

-- name: relations
-- Tables, partitions with their bounds, and how large they are.
SELECT c.oid::bigint AS oid, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind, c.reltuples::float8 AS rows,
       c.relkind = 'r' AND c.relhassubclass AS is_inherited_from,
       c.relpages AS pages, c.relallvisible AS visible_pages,
       CASE WHEN c.relkind IN ('r', 'm') THEN pg_relation_size(c.oid) / current_setting('block_size')::int ELSE 0 END AS blocks,
       pg_get_partkeydef(c.oid) AS partition_key, pg_get_expr(c.relpartbound, c.oid) AS partition_bound,
       pn.nspname AS parent_schema, p.relname AS parent, p.oid::bigint AS parent_oid
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_inherits i ON i.inhrelid = c.oid AND c.relispartition
LEFT JOIN pg_class p ON p.oid = i.inhparent LEFT JOIN pg_namespace pn ON pn.oid = p.relnamespace
WHERE c.oid IN (SELECT t.relid FROM unnest(%(oids)s::bigint[]::oid[]) o CROSS JOIN LATERAL pg_partition_tree(o) t
                UNION SELECT o FROM unnest(%(oids)s::bigint[]::oid[]) o)
ORDER BY (SELECT count(*) FROM pg_partition_ancestors(c.oid)), c.oid;

-- name: columns
-- Dropped ones too, so that the others keep their numbers: extended statistics go by those.
SELECT a.attrelid::bigint AS oid, a.attname AS name, a.attisdropped AS is_dropped, a.attnotnull AS not_null,
       CASE WHEN a.attisdropped THEN 'int' ELSE format_type(a.atttypid, a.atttypmod) END AS type,
       CASE WHEN a.attgenerated = 'v' THEN (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d
            WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum) END AS expression,
       CASE WHEN a.attcollation <> t.typcollation THEN o.collcollate IN ('C', 'POSIX') END AS by_byte
FROM pg_attribute a LEFT JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_collation o ON o.oid = a.attcollation
WHERE a.attrelid = ANY (%(oids)s::bigint[]::oid[]) AND a.attnum > 0
ORDER BY a.attrelid, a.attnum;

-- name: constraints
-- What the planner draws conclusions from: keys, foreign keys within what is cloned, checks.
SELECT k.conrelid::bigint AS oid, k.conname AS name, pg_get_constraintdef(k.oid) AS definition, k.contype::text AS kind,
       k.conindid::bigint AS index_oid
FROM pg_constraint k
WHERE k.conrelid = ANY (%(oids)s::bigint[]::oid[]) AND k.contype IN ('p', 'u', 'f', 'c') AND k.conparentid = 0
  AND (k.confrelid = 0 OR k.confrelid = ANY (%(oids)s::bigint[]::oid[]))
ORDER BY array_position(ARRAY['p', 'u', 'c', 'f'], k.contype::text), k.conname;

-- name: indexes
-- Those that stand alone come by their definition, those of a constraint with it, those of a partition with the index of
-- the whole: parents first. keys: how the index itself calls them, by which their statistics are found.
SELECT i.indexrelid::bigint AS oid, i.indrelid::bigint AS table_oid, n.nspname AS schema, c.relname AS name, m.amname AS access_method,
       pg_get_indexdef(i.indexrelid) AS definition, c.reltuples::float8 AS rows, c.relpages AS pages,
       CASE WHEN c.relkind = 'i' THEN pg_relation_size(c.oid) / current_setting('block_size')::int ELSE 0 END AS blocks,
       EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x')) AS of_constraint,
       array(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum BETWEEN 1 AND i.indnkeyatts
             ORDER BY a.attnum) AS keys,
       h.inhparent::bigint AS parent_oid, c.relkind = 'I' AS is_partitioned
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_am m ON m.oid = c.relam LEFT JOIN pg_inherits h ON h.inhrelid = c.oid
WHERE i.indrelid = ANY (%(oids)s::bigint[]::oid[]) AND i.indisvalid
ORDER BY array_position(%(oids)s::bigint[], i.indrelid::bigint), c.relname;

-- name: statistics
-- Of columns, and of the expressions of indexes.
SELECT schemaname AS schemaname, tablename AS relname, attname, inherited, null_frac, avg_width, n_distinct,
       most_common_vals::text AS most_common_vals, most_common_freqs, histogram_bounds::text AS histogram_bounds, correlation,
       most_common_elems::text AS most_common_elems, most_common_elem_freqs, elem_count_histogram
FROM pg_stats WHERE (schemaname, tablename) IN (SELECT * FROM unnest(%(schemas)s::text[], %(names)s::text[]));

-- name: range_statistics
-- From 17.
SELECT schemaname, tablename AS relname, attname, inherited, range_length_histogram::text AS range_length_histogram,
       range_empty_frac, range_bounds_histogram::text AS range_bounds_histogram
FROM pg_stats WHERE (schemaname, tablename) IN (SELECT * FROM unnest(%(schemas)s::text[], %(names)s::text[]))
  AND range_bounds_histogram IS NOT NULL;

-- name: extended
-- CREATE STATISTICS. keys: numbers of columns. kinds: d(istinct), f (dependencies), m(ost common), e(xpressions).
SELECT s.oid::bigint AS oid, n.nspname AS schema, s.stxname AS name, pg_get_statisticsobjdef(s.oid) AS definition,
       s.stxkeys::text AS keys, array(SELECT k::text FROM unnest(s.stxkind) k) AS kinds, c.relname AS table_name,
       c.relkind = 'p' AS is_whole, has_table_privilege('pg_catalog.pg_statistic_ext_data', 'SELECT') AS is_readable
FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace JOIN pg_class c ON c.oid = s.stxrelid
WHERE s.stxrelid = ANY (%(oids)s::bigint[]::oid[])
ORDER BY s.oid;

-- name: extended_data
-- As bytes, which is what the three types are underneath. Who may not read the catalogue gets no list of common values.
SELECT d.stxoid::bigint AS oid, coalesce((to_jsonb(d) ->> 'stxdinherit')::bool, false) AS inherited,
       d.stxdndistinct::bytea AS n_distinct, d.stxddependencies::bytea AS dependencies, d.stxdmcv::bytea AS common
FROM pg_statistic_ext_data d WHERE d.stxoid = ANY (%(oids)s::bigint[]::oid[]);

-- name: extended_view
SELECT s.oid::bigint AS oid, coalesce((to_jsonb(v) ->> 'inherited')::bool, false) AS inherited,
       v.n_distinct::bytea AS n_distinct, v.dependencies::bytea AS dependencies, NULL::bytea AS common
FROM pg_stats_ext v JOIN pg_namespace n ON n.nspname = v.statistics_schemaname
JOIN pg_statistic_ext s ON s.stxnamespace = n.oid AND s.stxname = v.statistics_name
WHERE s.oid = ANY (%(oids)s::bigint[]::oid[]);
