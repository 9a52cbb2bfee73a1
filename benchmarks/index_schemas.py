# ruff: noqa: E501
"""Databases as applications have them, small enough for two processors: tables, rows, and what is asked of them.

The rows are drawn by a generator with a seed, so that they are the same every time. `{n}` is the number of rows of the
largest table; the others are in proportion.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """rows: of its largest table at scale 1. ddl: with {n}, {tenth} and {hundredth} of them."""

    ddl: str
    rows: int
    statements: Sequence[str]

    def load(self, dsn: str, scale: float) -> None:
        """Fill an empty database. Statistics as a default ANALYZE makes them; all pages are visible."""
        n = max(10_000, int(self.rows * scale))
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("SELECT setseed(0.25)")
            connection.execute(self.ddl.format(n=n, tenth=n // 10, hundredth=n // 100).encode())
            connection.execute("VACUUM (ANALYZE)")


STAR = Schema(
    rows=2_000_000,
    ddl="""
CREATE TABLE dim_date (date_key int PRIMARY KEY, day date, month int, quarter int, year int);
CREATE TABLE dim_store (store_key int PRIMARY KEY, city text, region text, size int);
CREATE TABLE dim_product (product_key int PRIMARY KEY, sku text, category text, brand text);
CREATE TABLE dim_customer (customer_key int PRIMARY KEY, segment text, birth_year int);
CREATE TABLE fact_sales (date_key int, store_key int, product_key int, customer_key int, quantity int,
    amount numeric(12,2), discount numeric(6,2));
INSERT INTO dim_date SELECT n, date '2020-01-01' + n, extract(month FROM date '2020-01-01' + n),
    extract(quarter FROM date '2020-01-01' + n), extract(year FROM date '2020-01-01' + n) FROM generate_series(0, 1460) n;
INSERT INTO dim_store SELECT n, 'city ' || n % 80, 'region ' || n % 8, n % 500 FROM generate_series(1, 300) n;
INSERT INTO dim_product SELECT n, 'SKU-' || n, 'category ' || n % 50, 'brand ' || n % 400
    FROM generate_series(1, {hundredth}) n;
INSERT INTO dim_customer SELECT n, 'segment ' || n % 12, 1940 + n % 65 FROM generate_series(1, {tenth}) n;
INSERT INTO fact_sales SELECT n * 1460 / {n}, 1 + (power(random(), 2) * 299)::int, 1 + (random() * ({hundredth} - 1))::int,
    1 + (power(random(), 2) * ({tenth} - 1))::int, 1 + (random() * 9)::int, (random() * 500)::numeric(12,2), 0
    FROM generate_series(1, {n}) n;
""",
    statements=(
        "SELECT d.month, sum(f.amount) FROM fact_sales f JOIN dim_date d USING (date_key)"
        " WHERE d.year = 2022 AND d.quarter = 2 GROUP BY d.month",
        "SELECT s.city, sum(f.amount) FROM fact_sales f JOIN dim_store s USING (store_key)"
        " WHERE s.region = 'region 3' AND f.date_key BETWEEN 700 AND 730 GROUP BY s.city",
        "SELECT p.brand, sum(f.quantity) FROM fact_sales f JOIN dim_product p USING (product_key)"
        " WHERE p.category = 'category 7' GROUP BY p.brand ORDER BY 2 DESC LIMIT 10",
        "SELECT sum(amount) FROM fact_sales WHERE customer_key = 4711",
        "SELECT f.* FROM fact_sales f JOIN dim_product p USING (product_key) WHERE p.sku = 'SKU-123'"
        " ORDER BY f.date_key DESC LIMIT 50",
        "SELECT c.segment, count(*) FROM fact_sales f JOIN dim_customer c USING (customer_key)"
        " JOIN dim_store s USING (store_key) WHERE s.city = 'city 9' GROUP BY c.segment",
        "SELECT date_key, sum(amount) FROM fact_sales WHERE store_key = 200 GROUP BY date_key ORDER BY date_key",
        "SELECT count(DISTINCT customer_key) FROM fact_sales WHERE date_key = 1000",
        "SELECT c.customer_key FROM dim_customer c WHERE c.birth_year = 1990 AND NOT EXISTS"
        " (SELECT FROM fact_sales f WHERE f.customer_key = c.customer_key)",
        "SELECT max(amount) FROM fact_sales WHERE product_key = 77 AND store_key = 12",
    ),
)

TENANTS = Schema(
    rows=1_500_000,
    ddl="""
CREATE TABLE tenants (id int PRIMARY KEY, name text, plan text);
CREATE TABLE users (id bigint PRIMARY KEY, tenant_id int, email text, role text, last_seen timestamptz);
CREATE TABLE projects (id bigint PRIMARY KEY, tenant_id int, owner_id bigint, name text, archived boolean);
CREATE TABLE tasks (id bigint PRIMARY KEY, tenant_id int, project_id bigint, assignee_id bigint, state text,
    due date, created_at timestamptz, title text);
INSERT INTO tenants SELECT n, 'tenant ' || n, (ARRAY['free','pro','big'])[1 + n % 3] FROM generate_series(1, 500) n;
INSERT INTO users SELECT n, 1 + (power(random(), 3) * 499)::int, 'u' || n || '@example.org',
    (ARRAY['admin','member','member','guest'])[1 + n % 4], timestamptz '2024-01-01' + random() * interval '1 year'
    FROM generate_series(1, {tenth}) n;
INSERT INTO projects SELECT n, u.tenant_id, u.id, 'project ' || n, n % 5 = 0
    FROM generate_series(1, {tenth} / 2) n JOIN users u ON u.id = 1 + n % {tenth};
INSERT INTO tasks SELECT n, p.tenant_id, p.id, 1 + (random() * ({tenth} - 1))::int,
    (ARRAY['open','open','doing','done','done','done','done','done'])[1 + (random() * 7)::int],
    date '2024-01-01' + (random() * 400)::int, timestamptz '2023-06-01' + n * interval '20 seconds',
    'task ' || md5(n::text) FROM generate_series(1, {n}) n JOIN projects p ON p.id = 1 + n % ({tenth} / 2);
""",
    statements=(
        "SELECT id, title FROM tasks WHERE tenant_id = 42 AND state = 'open' ORDER BY due LIMIT 50",
        "SELECT count(*) FROM tasks WHERE tenant_id = 7 AND assignee_id = 1234 AND state <> 'done'",
        "SELECT p.name, count(t.id) FROM projects p LEFT JOIN tasks t ON t.project_id = p.id"
        " WHERE p.tenant_id = 17 AND NOT p.archived GROUP BY p.name",
        "SELECT * FROM users WHERE email = 'u4242@example.org'",
        "SELECT u.email, count(*) FROM users u JOIN tasks t ON t.assignee_id = u.id AND t.tenant_id = u.tenant_id"
        " WHERE u.tenant_id = 3 GROUP BY u.email ORDER BY 2 DESC LIMIT 20",
        "SELECT * FROM tasks WHERE tenant_id = 99 AND created_at > timestamptz '2023-08-01' ORDER BY created_at DESC LIMIT 20",
        "SELECT * FROM tasks WHERE project_id = 321 ORDER BY id",
        "SELECT state, count(*) FROM tasks WHERE tenant_id = 250 GROUP BY state",
        "SELECT t.* FROM tasks t JOIN users u ON u.id = t.assignee_id WHERE u.email = 'u77@example.org' AND t.due < date"
        " '2024-02-01' AND t.state = 'open'",
        "SELECT n.plan, count(*) FROM tenants n JOIN users u ON u.tenant_id = n.id WHERE u.last_seen > timestamptz"
        " '2024-12-20' GROUP BY n.plan",
        "SELECT id FROM projects WHERE tenant_id = 11 AND owner_id = 500",
    ),
)

DOCUMENTS = Schema(
    rows=300_000,
    ddl="""
CREATE TABLE documents (id bigint PRIMARY KEY, kind text, body jsonb, tags text[], created_at timestamptz);
CREATE TABLE revisions (document_id bigint, number int, author text, words text, at timestamptz);
INSERT INTO documents SELECT n, (ARRAY['note','mail','page','form'])[1 + n % 4], jsonb_build_object('owner', 'o' || n % 3000,
    'size', (random() * 100000)::int, 'status', (ARRAY['draft','final','final'])[1 + n % 3], 'ref', md5(n::text)),
    ARRAY['t' || (random() * 2000)::int, 't' || (random() * 2000)::int, 'x' || n % 7],
    timestamptz '2024-01-01' + n * interval '2 min' FROM generate_series(1, {n}) n;
INSERT INTO revisions SELECT 1 + (random() * ({n} - 1))::int, n % 5, 'o' || (random() * 3000)::int,
    md5(n::text) || ' ' || md5((n % 999)::text), timestamptz '2024-01-01' + n * interval '2 min'
    FROM generate_series(1, {n}) n;
""",
    statements=(
        'SELECT id FROM documents WHERE body @> \'{"ref": "c4ca4238a0b923820dcc509a6f75849b"}\'',
        "SELECT count(*) FROM documents WHERE body ->> 'owner' = 'o17'",
        "SELECT id FROM documents WHERE tags @> ARRAY['t77']",
        "SELECT id FROM documents WHERE tags && ARRAY['t5', 't6'] AND kind = 'note'",
        "SELECT d.id, r.number FROM documents d JOIN revisions r ON r.document_id = d.id WHERE d.body ->> 'ref' ="
        " 'c81e728d9d4c2f636f067f89cc14862c'",
        "SELECT * FROM revisions WHERE document_id = 815 ORDER BY number DESC LIMIT 1",
        "SELECT kind, count(*) FROM documents WHERE created_at > timestamptz '2024-03-20' GROUP BY kind",
        "SELECT count(*) FROM revisions WHERE to_tsvector('simple', words) @@ to_tsquery('simple',"
        " 'c4ca4238a0b923820dcc509a6f75849b')",
        "SELECT author, count(*) FROM revisions WHERE at BETWEEN timestamptz '2024-02-01' AND timestamptz '2024-02-02'"
        " GROUP BY author",
        "SELECT id FROM documents WHERE (body ->> 'size')::int > 99900 AND body ->> 'status' = 'draft'",
    ),
)

SOCIAL = Schema(
    rows=1_500_000,
    ddl="""
CREATE TABLE people (id bigint PRIMARY KEY, handle text, country char(2), joined date);
CREATE TABLE follows (follower_id bigint, followed_id bigint, since date);
CREATE TABLE posts (id bigint PRIMARY KEY, author_id bigint, posted_at timestamp, body text, reply_to bigint);
CREATE TABLE likes (person_id bigint, post_id bigint, liked_at timestamp);
CREATE TABLE post_topics (post_id bigint, topic_id int);
INSERT INTO people SELECT n, 'p' || md5(n::text), (ARRAY['DE','FR','US','BR','IN'])[1 + n % 5], date '2020-01-01' + n % 1500
    FROM generate_series(1, {tenth}) n;
INSERT INTO follows SELECT 1 + (random() * ({tenth} - 1))::int, 1 + (power(random(), 4) * ({tenth} - 1))::int,
    date '2022-01-01' + (random() * 900)::int FROM generate_series(1, {n}) n;
INSERT INTO posts SELECT n, 1 + (power(random(), 2) * ({tenth} - 1))::int, timestamp '2024-01-01' + n * interval '1 min',
    repeat(md5(n::text), 3), CASE WHEN n % 3 = 0 THEN 1 + (random() * n)::int END FROM generate_series(1, {n} / 4) n;
INSERT INTO likes SELECT 1 + (random() * ({tenth} - 1))::int, 1 + (power(random(), 3) * ({n} / 4 - 1))::int,
    timestamp '2024-01-01' + n * interval '20 s' FROM generate_series(1, {n}) n;
INSERT INTO post_topics SELECT 1 + (random() * ({n} / 4 - 1))::int, (power(random(), 2) * 1000)::int
    FROM generate_series(1, {n} / 2) n;
""",
    statements=(
        "SELECT p.* FROM posts p JOIN follows f ON f.followed_id = p.author_id WHERE f.follower_id = 321"
        " ORDER BY p.posted_at DESC LIMIT 30",
        "SELECT count(*) FROM follows WHERE followed_id = 900",
        "SELECT b.follower_id FROM follows a JOIN follows b ON b.followed_id = a.followed_id WHERE a.follower_id = 77"
        " AND b.follower_id <> 77 GROUP BY b.follower_id ORDER BY count(*) DESC LIMIT 10",
        "SELECT post_id, count(*) FROM likes WHERE liked_at > timestamp '2024-03-01' GROUP BY post_id ORDER BY 2 DESC LIMIT 10",
        "SELECT EXISTS (SELECT FROM likes WHERE person_id = 5 AND post_id = 17)",
        "SELECT * FROM posts WHERE author_id = 444 ORDER BY posted_at DESC LIMIT 20",
        "SELECT p.id, count(l.person_id) FROM posts p LEFT JOIN likes l ON l.post_id = p.id WHERE p.author_id = 3000"
        " GROUP BY p.id",
        "SELECT p.* FROM posts p JOIN post_topics t ON t.post_id = p.id WHERE t.topic_id = 600 ORDER BY p.posted_at DESC LIMIT 20",
        "SELECT * FROM posts WHERE reply_to = 1234 ORDER BY posted_at",
        "SELECT id FROM people WHERE handle = 'pc4ca4238a0b923820dcc509a6f75849b'",
        "SELECT f.followed_id FROM follows f WHERE f.follower_id = 12 AND NOT EXISTS (SELECT FROM follows b WHERE"
        " b.follower_id = f.followed_id AND b.followed_id = 12)",
        "SELECT h.country, count(*) FROM people h JOIN likes l ON l.person_id = h.id WHERE l.post_id = 5 GROUP BY h.country",
    ),
)

TIME_SERIES = Schema(
    rows=2_000_000,
    ddl="""
CREATE TABLE devices (id int PRIMARY KEY, site text, model text);
CREATE TABLE measures (device_id int, at timestamptz, metric text, value float8) PARTITION BY RANGE (at);
DO $$BEGIN FOR m IN 0..11 LOOP EXECUTE format('CREATE TABLE measures_%s PARTITION OF measures FOR VALUES FROM (%L) TO (%L)',
    m, timestamptz '2024-01-01 00:00+00' + m * interval '30 days', timestamptz '2024-01-01 00:00+00' + (m + 1) * interval '30 days');
    END LOOP; END$$;
CREATE TABLE alarms (id bigint PRIMARY KEY, device_id int, raised_at timestamptz, cleared_at timestamptz, level int);
INSERT INTO devices SELECT n, 'site ' || n % 40, 'model ' || n % 15 FROM generate_series(1, 1000) n;
INSERT INTO measures SELECT 1 + (random() * 999)::int, timestamptz '2024-01-01 00:00+00' + n * (interval '359 days' / {n}),
    (ARRAY['cpu','mem','disk','net'])[1 + n % 4], random() * 100 FROM generate_series(1, {n}) n;
INSERT INTO alarms SELECT n, 1 + (power(random(), 2) * 999)::int, timestamptz '2024-01-01 00:00+00' + n * (interval '359 days' /
    {tenth}), CASE WHEN n % 20 > 0 THEN timestamptz '2024-01-01 00:00+00' + n * (interval '359 days' / {tenth}) + interval '3 h' END,
    1 + n % 5 FROM generate_series(1, {tenth}) n;
""",
    statements=(
        "SELECT at, value FROM measures WHERE device_id = 17 AND metric = 'cpu' AND at > timestamptz '2024-12-01 00:00+00'"
        " ORDER BY at",
        "SELECT date_trunc('day', at), avg(value) FROM measures WHERE device_id = 500 AND at BETWEEN timestamptz"
        " '2024-06-01 00:00+00' AND timestamptz '2024-07-01 00:00+00' GROUP BY 1",
        "SELECT device_id, max(value) FROM measures WHERE metric = 'mem' AND at > timestamptz '2024-12-23 00:00+00' GROUP BY 1",
        "SELECT * FROM alarms WHERE cleared_at IS NULL AND level = 1 ORDER BY raised_at DESC LIMIT 20",
        "SELECT d.site, count(*) FROM alarms a JOIN devices d ON d.id = a.device_id WHERE a.raised_at > timestamptz"
        " '2024-12-01 00:00+00' GROUP BY d.site",
        "SELECT value FROM measures WHERE device_id = 3 AND metric = 'net' ORDER BY at DESC LIMIT 1",
        "SELECT * FROM alarms WHERE device_id = 800 ORDER BY raised_at DESC LIMIT 10",
        "SELECT count(*) FROM measures WHERE value > 99.99 AND at > timestamptz '2024-11-01 00:00+00'",
        "SELECT m.at, m.value FROM measures m JOIN alarms a ON a.device_id = m.device_id AND m.at BETWEEN a.raised_at AND"
        " a.cleared_at WHERE a.id = 777",
    ),
)

ORM = Schema(
    rows=800_000,
    ddl="""
CREATE TABLE app_user (id bigint PRIMARY KEY, username varchar(150), email varchar(254), is_active boolean, date_joined timestamptz);
CREATE TABLE app_product (id bigint PRIMARY KEY, name varchar(200), slug varchar(200), price numeric(10,2), category_id bigint);
CREATE TABLE app_order (id bigint PRIMARY KEY, user_id bigint REFERENCES app_user, status varchar(20), created timestamptz,
    updated timestamptz);
CREATE TABLE app_orderline (id bigint PRIMARY KEY, order_id bigint REFERENCES app_order, product_id bigint REFERENCES app_product,
    quantity int, price numeric(10,2));
CREATE TABLE app_session (session_key varchar(40) PRIMARY KEY, session_data text, expire_date timestamptz);
INSERT INTO app_user SELECT n, 'user' || n, 'user' || n || '@example.org', n % 9 > 0, timestamptz '2020-01-01' + n * interval '1 h'
    FROM generate_series(1, {tenth}) n;
INSERT INTO app_product SELECT n, 'Product ' || n, 'product-' || n, (random() * 200)::numeric(10,2), n % 60
    FROM generate_series(1, {hundredth}) n;
INSERT INTO app_order SELECT n, 1 + (power(random(), 2) * ({tenth} - 1))::int,
    (ARRAY['paid','paid','paid','sent','sent','open'])[1 + (random() * 5)::int], timestamptz '2023-01-01' + n * interval '90 s',
    timestamptz '2023-01-01' + n * interval '91 s' FROM generate_series(1, {n} / 3) n;
INSERT INTO app_orderline SELECT n, 1 + (random() * ({n} / 3 - 1))::int, 1 + (power(random(), 2) * ({hundredth} - 1))::int,
    1 + (random() * 4)::int, (random() * 200)::numeric(10,2) FROM generate_series(1, {n}) n;
INSERT INTO app_session SELECT md5(n::text), repeat(md5(n::text), 8), timestamptz '2024-01-01' + n * interval '1 min'
    FROM generate_series(1, {tenth}) n;
""",
    statements=(
        'SELECT "app_order"."id", "app_order"."user_id", "app_order"."status", "app_order"."created", "app_order"."updated"'
        ' FROM "app_order" WHERE "app_order"."user_id" = 812 ORDER BY "app_order"."created" DESC LIMIT 21',
        'SELECT "app_orderline"."id", "app_orderline"."order_id", "app_orderline"."product_id", "app_orderline"."quantity",'
        ' "app_orderline"."price" FROM "app_orderline" WHERE "app_orderline"."order_id" IN (5, 77, 1000, 4242, 9001)',
        'SELECT COUNT(*) AS "__count" FROM "app_order" INNER JOIN "app_user" ON ("app_order"."user_id" = "app_user"."id")'
        ' WHERE ("app_order"."status" = \'open\' AND "app_user"."is_active")',
        'SELECT (1) AS "a" FROM "app_user" WHERE "app_user"."email" = \'user7@example.org\' LIMIT 1',
        'SELECT "app_user"."id", "app_user"."username", "app_user"."email" FROM "app_user" WHERE'
        ' UPPER("app_user"."username"::text) = UPPER(\'User4711\') LIMIT 21',
        'SELECT "app_product"."id", "app_product"."name", SUM("app_orderline"."quantity") AS "sold" FROM "app_product" INNER'
        ' JOIN "app_orderline" ON ("app_product"."id" = "app_orderline"."product_id") WHERE "app_product"."category_id" = 7'
        ' GROUP BY "app_product"."id" ORDER BY "sold" DESC LIMIT 10',
        'SELECT "app_product"."id", "app_product"."name" FROM "app_product" WHERE "app_product"."slug" = \'product-99\' LIMIT 21',
        'SELECT "app_order"."id", "app_user"."email" FROM "app_order" INNER JOIN "app_user" ON ("app_order"."user_id" ='
        ' "app_user"."id") WHERE ("app_order"."created" >= \'2023-05-01\'::timestamptz AND "app_order"."created" <'
        ' \'2023-05-02\'::timestamptz AND "app_order"."status" IN (\'open\', \'paid\')) ORDER BY "app_order"."created" ASC',
        'SELECT "app_session"."session_key" FROM "app_session" WHERE "app_session"."expire_date" < \'2024-01-02\'::timestamptz',
        'SELECT DISTINCT "app_order"."user_id" FROM "app_order" INNER JOIN "app_orderline" ON ("app_order"."id" ='
        ' "app_orderline"."order_id") WHERE "app_orderline"."product_id" = 3',
        'SELECT "app_user"."id" FROM "app_user" WHERE NOT EXISTS(SELECT (1) AS "a" FROM "app_order" "U0" WHERE "U0"."user_id" ='
        ' ("app_user"."id")) AND "app_user"."date_joined" > \'2020-03-01\'::timestamptz ORDER BY "app_user"."id" LIMIT 100',
    ),
)
