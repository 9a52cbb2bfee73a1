"""A small shop with a little of everything that an index may be made for."""

import psycopg

SCHEMA = """
CREATE TYPE mood AS ENUM ('calm', 'cross');
CREATE DOMAIN short_text AS text CHECK (length(value) < 200);
CREATE TABLE customers (id bigint PRIMARY KEY, "eMail" text, mood mood, name short_text);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers, status text, created_at timestamp,
                     total numeric(10,2), tags text[], note text);
CREATE TABLE visits (customer_id bigint, at timestamp, page text) PARTITION BY RANGE (at);
CREATE TABLE visits_1 PARTITION OF visits FOR VALUES FROM ('2024-01-01') TO ('2024-07-01');
CREATE TABLE visits_2 PARTITION OF visits FOR VALUES FROM ('2024-07-01') TO ('2025-01-01');
CREATE TABLE tiny (id int, label text);
CREATE TABLE fresh (id int, label text);
CREATE VIEW open_orders AS SELECT id, customer_id AS buyer FROM orders WHERE status = 'open';
INSERT INTO customers SELECT n, 'User' || n || '@example.org',
    CASE WHEN n % 9 = 0 THEN 'cross' ELSE 'calm' END::mood, 'n' || n
    FROM generate_series(1, 20000) n;
INSERT INTO orders SELECT n, 1 + n * 7919 % 20000, CASE WHEN n % 50 = 0 THEN 'open' ELSE 'sent' END,
    timestamp '2024-01-01' + n * interval '5 minutes', n % 1000, ARRAY['t' || n % 500], repeat('x', 80)
    FROM generate_series(1, 100000) n;
INSERT INTO visits SELECT 1 + n * 31 % 20000, timestamp '2024-01-01' + n * interval '4 minutes', 'p' || n % 100
    FROM generate_series(1, 100000) n;
INSERT INTO tiny SELECT n, 'l' || n FROM generate_series(1, 100) n;
"""


def load(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(SCHEMA)
        for table in ("customers", "orders", "visits", "tiny"):
            connection.execute(f"VACUUM (ANALYZE) {table}".encode())
        # Never analysed: autovacuum must not come first.
        connection.execute("ALTER TABLE fresh SET (autovacuum_enabled = false)")
        connection.execute("INSERT INTO fresh SELECT n, 'l' || n FROM generate_series(1, 5000) n")
