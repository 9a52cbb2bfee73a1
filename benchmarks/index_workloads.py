"""Workloads for the index benchmark: 99 statements over TPC-H's tables, and a small shop of five tables."""

from itertools import product

import psycopg

_CHAINS = (
    ("orders, lineitem", "o_orderkey = l_orderkey", "o_custkey", "l_extendedprice"),
    ("customer, orders", "c_custkey = o_custkey", "c_nationkey", "o_totalprice"),
    ("part, partsupp", "p_partkey = ps_partkey", "ps_suppkey", "ps_supplycost"),
    ("supplier, partsupp", "s_suppkey = ps_suppkey", "ps_partkey", "ps_availqty"),
    ("part, lineitem", "p_partkey = l_partkey", "l_suppkey", "l_quantity"),
    ("supplier, lineitem", "s_suppkey = l_suppkey", "s_nationkey", "l_discount"),
    (
        "customer, orders, lineitem",
        "c_custkey = o_custkey AND o_orderkey = l_orderkey",
        "c_mktsegment",
        "l_extendedprice",
    ),
)
_FILTERS = {
    "orders": ("o_orderdate >= date '1996-03-01' AND o_orderdate < date '1996-03-15'", "o_clerk = 'Clerk#000000017'"),
    "customer": ("c_phone = '25-989-741-2988'", "c_acctbal > 9990"),
    "part": ("p_brand = 'Brand#34' AND p_size = 12", "p_type LIKE 'PROMO%' AND p_container = 'JUMBO PKG'"),
    "supplier": ("s_nationkey = 7", "s_acctbal < -900"),
    "lineitem": ("l_shipdate = date '1997-06-11'", "l_receiptdate > date '1998-11-20' AND l_shipmode = 'AIR'"),
}
_SHAPES = (
    "SELECT count(*), sum({value}) FROM {tables} WHERE {join} AND {condition}",
    "SELECT {group}, avg({value}) FROM {tables} WHERE {join} AND {condition} GROUP BY {group}",
    "SELECT {group}, {value} FROM {tables} WHERE {join} AND {condition} ORDER BY {value} DESC LIMIT 20",
)


def more_over_tpch(count: int) -> list[str]:
    """Joins along the keys with every filter of their tables, counted, grouped and sorted; the first `count`."""
    found: list[str] = []
    for (tables, join, group, value), shape in product(_CHAINS, _SHAPES):
        for table in tables.split(", "):
            for condition in _FILTERS.get(table, ()):
                found.append(shape.format(tables=tables, join=join, group=group, value=value, condition=condition))
    if len(found) < count:
        raise ValueError(f"only {len(found)} statements")
    return found[:count]


_SHOP = """
CREATE TABLE customers (id bigint, email text, country text, created_at timestamp, marketing boolean);
CREATE TABLE products (id bigint, sku text, category text, price numeric(10,2), active boolean);
CREATE TABLE orders (id bigint, customer_id bigint, status text, created_at timestamp, total numeric(12,2));
CREATE TABLE order_items (order_id bigint, product_id bigint, quantity integer, price numeric(10,2));
CREATE TABLE events (id bigint, customer_id bigint, kind text, created_at timestamp, payload text);
INSERT INTO customers SELECT n, 'user' || n || '@example.org', (ARRAY['DE','FR','US','IN','BR'])[1 + n % 5],
    timestamp '2020-01-01' + n * interval '15 minutes', n % 3 = 0 FROM generate_series(1, 150000) n;
INSERT INTO products SELECT n, 'SKU-' || n, 'category ' || n % 40, (n * 37 % 10000) / 100.0, n % 10 <> 0
    FROM generate_series(1, 50000) n;
INSERT INTO orders SELECT n, 1 + (n::bigint * 7919) % 150000,
    CASE WHEN n % 50 = 0 THEN 'pending' WHEN n % 20 = 0 THEN 'cancelled' ELSE 'shipped' END,
    timestamp '2022-01-01' + n * interval '1 minute', (n * 31 % 100000) / 100.0 FROM generate_series(1, 600000) n;
INSERT INTO order_items SELECT 1 + n % 600000, 1 + (n::bigint * 104729) % 50000, 1 + n % 5, (n * 13 % 10000) / 100.0
    FROM generate_series(1, 1500000) n;
INSERT INTO events SELECT n, 1 + (n::bigint * 611953) % 150000, (ARRAY['view','cart','login','search'])[1 + n % 4],
    timestamp '2023-01-01' + n * interval '30 seconds', repeat('x', 60) FROM generate_series(1, 700000) n;
"""
SHOP_QUERIES = (
    "SELECT * FROM customers WHERE email = 'user4711@example.org'",
    "SELECT * FROM orders WHERE customer_id = 815 ORDER BY created_at DESC LIMIT 10",
    "SELECT o.id, i.product_id, i.quantity FROM orders o JOIN order_items i ON i.order_id = o.id"
    " WHERE o.customer_id = 99",
    "SELECT count(*) FROM orders WHERE status = 'pending' AND created_at > timestamp '2023-02-01'",
    "SELECT p.sku, sum(i.quantity) FROM products p JOIN order_items i ON i.product_id = p.id WHERE p.sku = 'SKU-1234'"
    " GROUP BY p.sku",
    "SELECT * FROM events WHERE customer_id = 1234 AND kind = 'cart' ORDER BY created_at DESC LIMIT 20",
    "SELECT c.email, o.total FROM customers c JOIN orders o ON o.customer_id = c.id WHERE o.id = 123456",
    "SELECT kind, count(*) FROM events WHERE created_at BETWEEN timestamp '2023-03-01' AND timestamp '2023-03-02'"
    " GROUP BY kind",
    "SELECT * FROM products WHERE category = 'category 7' AND active ORDER BY price LIMIT 25",
    "SELECT c.id, count(o.id) FROM customers c LEFT JOIN orders o ON o.customer_id = c.id"
    " WHERE c.created_at > timestamp '2024-04-10' GROUP BY c.id",
)


def load_shop(dsn: str) -> None:
    """Three million rows, the same every time."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(_SHOP)
        connection.execute("VACUUM (ANALYZE)")
