-- What the index adviser asks the catalogue. Reads only.

-- name: server
SELECT current_setting('server_version_num')::int AS version, current_schemas(false)::text[] AS search_path,
       (SELECT setting::float8 FROM pg_settings WHERE name = 'shared_buffers') AS buffer_pages,
       coalesce((SELECT jsonb_object_agg(e.extname, n.nspname) FROM pg_extension e
                 JOIN pg_namespace n ON n.oid = e.extnamespace), '{}') AS extensions;

-- name: relations
-- Names alone, of all tables and views that are neither the system's nor an extension's.
SELECT n.nspname AS schema, c.relname AS name, c.relkind::text AS kind, array_agg(a.attname::text ORDER BY a.attnum) AS columns,
       CASE WHEN c.relkind = 'v' THEN pg_get_viewdef(c.oid) END AS definition
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')
GROUP BY n.nspname, c.relname, c.relkind, c.oid;

-- name: tables
-- The tables of the workload. A partitioned table's own row counts nothing: its leaves are summed.
WITH wanted AS (
    SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind
    FROM unnest(%(schemas)s::text[], %(names)s::text[]) w (schema, name)
    JOIN pg_namespace n ON n.nspname = w.schema JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name
)
SELECT w.oid::bigint AS oid, w.schema, w.name, w.kind, coalesce(s.rows, -1)::float8 AS rows, coalesce(s.pages, 0)::float8 AS pages,
       coalesce(s.leaves, '{}') AS leaves
FROM wanted w CROSS JOIN LATERAL (
    SELECT CASE WHEN bool_or(l.reltuples < 0) THEN -1 ELSE sum(l.reltuples) END AS rows,
           sum(greatest(l.relpages, pg_relation_size(l.oid) / current_setting('block_size')::int)) AS pages,
           array_agg(ARRAY[ln.nspname::text, l.relname::text] ORDER BY l.relname) FILTER (WHERE l.oid <> w.oid) AS leaves
    FROM pg_partition_tree(w.oid) t JOIN pg_class l ON l.oid = t.relid JOIN pg_namespace ln ON ln.oid = l.relnamespace
    WHERE t.isleaf
) s WHERE w.kind = 'p'
UNION ALL
SELECT w.oid::bigint, w.schema, w.name, w.kind, c.reltuples::float8,
       greatest(c.relpages, pg_relation_size(c.oid) / current_setting('block_size')::int)::float8, '{}'
FROM wanted w JOIN pg_class c ON c.oid = w.oid WHERE w.kind <> 'p';

-- name: columns
-- Statistics of every column; those that were never analysed have none. An inherited row is the whole of a partitioned table.
-- A database in SQL_ASCII may hold bytes that are no text: of a column with such values no value is read.
SELECT a.attrelid::bigint AS oid, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
       CASE WHEN a.attgenerated = 'v' THEN (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d
            WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum) END AS expression,
       (SELECT coalesce(b.typcategory, t.typcategory)::text FROM pg_type t LEFT JOIN pg_type b ON b.oid = nullif(t.typbasetype, 0)
        WHERE t.oid = a.atttypid) AS type_category,
       s.n_distinct::float8 AS distinct, s.null_frac::float8 AS null_ratio, s.avg_width::float8 AS width,
       s.correlation::float8 AS correlation, CASE WHEN k.is_text THEN s.most_common_vals::text::text[] END AS common_values,
       CASE WHEN k.is_text THEN s.most_common_freqs::float8[] END AS common_shares,
       CASE WHEN k.is_text THEN s.histogram_bounds::text::text[] END AS bounds,
       s.elem_count_histogram[cardinality(s.elem_count_histogram)]::float8 AS elements,
       s.most_common_elem_freqs[:cardinality(s.most_common_elem_freqs) - 3]::float8[] AS element_shares
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname
                    AND s.inherited = (c.relkind = 'p')
CROSS JOIN LATERAL (SELECT current_setting('server_encoding') <> 'SQL_ASCII'
  OR concat(s.most_common_vals, s.histogram_bounds) !~ '[^\x01-\x7f]' AS is_text) k
WHERE a.attrelid = ANY (%(oids)s::bigint[]::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum;

-- name: indexes
SELECT i.indrelid::bigint AS oid, c.relname AS name, pg_get_indexdef(i.indexrelid) AS definition, m.amname AS access_method,
       array(SELECT pg_get_indexdef(i.indexrelid, k, true) || CASE WHEN i.indoption[k - 1] & 1 = 1 THEN ' DESC' ELSE '' END
             FROM generate_series(1, i.indnkeyatts) k ORDER BY k) AS keys,
       array(SELECT pg_get_indexdef(i.indexrelid, k, true)
             FROM generate_series(i.indnkeyatts + 1, i.indnatts) k ORDER BY k) AS include,
       coalesce(pg_get_expr(i.indpred, i.indrelid, true), '') AS predicate, i.indisunique AS is_unique,
       i.indisvalid AS is_valid, coalesce((SELECT k.conname FROM pg_constraint k WHERE k.conindid = c.oid LIMIT 1), '') AS constraint,
       c.relispartition AS is_part, CASE WHEN c.relkind = 'i' THEN pg_relation_size(c.oid) ELSE 0 END AS size_bytes
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
WHERE i.indrelid = ANY (%(oids)s::bigint[]::oid[]) ORDER BY c.relname;
