-- What the index planner asks. Reads only; a hypothetical index exists in its own session alone.

-- name: columns
-- Statistics of a table's columns; those that were never analysed have none.
SELECT a.attname AS name, s.n_distinct::float8 AS n_distinct, s.null_frac::float8 AS null_frac,
       s.avg_width AS avg_width, s.correlation::float8 AS correlation
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname
WHERE n.nspname = %(schema)s AND c.relname = %(table)s AND a.attnum > 0 AND NOT a.attisdropped;

-- name: pages
SELECT c.relpages::float8 AS pages, c.reltuples::float8 AS rows
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %(schema)s AND c.relname = %(table)s;

-- name: hypothetical
SELECT h.indexrelid AS id, hypopg_relation_size(h.indexrelid) AS size_bytes FROM hypopg_create_index(%(ddl)s) h;

-- name: forget
SELECT hypopg_reset();
