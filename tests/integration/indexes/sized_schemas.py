"""Tables of several applications, and indexes on them whose sizes are foretold and then built."""

from advisor.model.database.index_design import IndexDesign, IndexKey, plain_keys

SCHEMA = """
SELECT setseed(0.5);
CREATE TABLE accounts (id bigint, email text, country char(2), created_at timestamptz,
    referrer integer, active boolean);
INSERT INTO accounts SELECT n, 'user' || (random() * 1e9)::bigint || '@example.org', (ARRAY['DE','FR','US'])[1 + n % 3],
    timestamptz '2024-01-01' + n * interval '7 min', CASE WHEN n % 5 = 0 THEN (random() * 5000)::int END, n % 10 > 0
    FROM generate_series(1, 60000) n;
CREATE TABLE purchases (id integer, account_id bigint, product_id integer, state varchar(20), total numeric(12,2),
    placed_on date, note text);
INSERT INTO purchases SELECT n, 1 + (random() * 20000)::int, 1 + (power(random(), 3) * 3000)::int,
    (ARRAY['paid','paid','paid','open','returned by customer'])[1 + (random() * 4)::int],
    round((random() * 5000)::numeric, 2),
    date '2023-01-01' + (n / 200), CASE WHEN n % 4 = 0 THEN repeat('n', (random() * 60)::int) END
    FROM generate_series(1, 120000) n;
CREATE TABLE follows (follower uuid, followed uuid, since timestamptz);
INSERT INTO follows SELECT md5((random() * 30000)::int::text)::uuid,
    md5((power(random(), 2) * 30000)::int::text)::uuid,
    timestamptz '2024-01-01' + random() * interval '1 year' FROM generate_series(1, 100000) n;
CREATE TABLE tickets (id text, tenant_id smallint, assignee integer, priority smallint, title varchar(200),
    weight real);
INSERT INTO tickets SELECT 'TCK-' || lpad(n::text, 8, '0'), (power(random(), 2) * 200)::int,
    CASE WHEN random() < 0.7 THEN (random() * 800)::int END, (random() * 4)::int,
    'About ' || md5(n::text) || repeat(' and more', (random() * 5)::int), random()
    FROM generate_series(1, 80000) n;
CREATE TABLE readings (sensor integer, taken_at timestamp, value double precision, quality "char");
INSERT INTO readings SELECT n % 500, timestamp '2024-01-01' + (n / 500) * interval '1 min', random() * 100, 'A'
    FROM generate_series(1, 150000) n;

"""


def design(
    table: str, *columns: str, include: tuple[str, ...] = (), predicate: str = "", method: str = "btree"
) -> IndexDesign:
    keys = plain_keys(*columns)
    return IndexDesign(
        schema="public", table=table, keys=keys, include=include, predicate=predicate, access_method=method
    )


DESIGNS = (
    design("accounts", "id"),
    design("accounts", "email"),
    design("accounts", "country"),
    design("accounts", "created_at"),
    design("accounts", "referrer"),
    design("accounts", "active"),
    design("accounts", "country", "created_at"),
    design("accounts", "referrer", "id"),
    design("accounts", "id", include=("email",)),
    design("accounts", "email", predicate="active"),
    IndexDesign(schema="public", table="accounts", keys=(IndexKey(text="lower(email)", is_expression=True),)),
    design("accounts", "email", method="hash"),
    design("purchases", "id"),
    design("purchases", "account_id"),
    design("purchases", "product_id"),
    design("purchases", "state"),
    design("purchases", "total"),
    design("purchases", "placed_on"),
    design("purchases", "note"),
    design("purchases", "account_id", "placed_on"),
    design("purchases", "state", "placed_on"),
    design("purchases", "product_id", "account_id"),
    design("purchases", "account_id", include=("total",)),
    design("purchases", "placed_on", include=("product_id", "total")),
    design("purchases", "placed_on", predicate="state = 'open'"),
    design("purchases", "placed_on", method="brin"),
    design("follows", "follower"),
    design("follows", "followed"),
    design("follows", "follower", "followed"),
    design("follows", "followed", "since"),
    design("follows", "since"),
    design("tickets", "id"),
    design("tickets", "tenant_id"),
    design("tickets", "assignee"),
    design("tickets", "priority"),
    design("tickets", "title"),
    design("tickets", "weight"),
    design("tickets", "tenant_id", "assignee"),
    design("tickets", "tenant_id", "priority", "id"),
    design("tickets", "assignee", include=("title",)),
    design("tickets", "title", method="hash"),
    design("readings", "sensor"),
    design("readings", "taken_at"),
    design("readings", "sensor", "taken_at"),
    design("readings", "value"),
    design("readings", "quality"),
    design("readings", "sensor", include=("value",)),
    design("readings", "taken_at", method="brin"),
)
