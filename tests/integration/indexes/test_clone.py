"""What the clone takes over from its source: it plans as the source does, on the same version to the percent."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest

from advisor.model.index_advice import WorkloadStatement
from advisor.servers.postgres import PostgresServer
from advisor.whatif.index.advice import IndexAdviser, Limits
from advisor.whatif.index.planners import PlannerChoice
from advisor.wiring_clone import clone_server

Connection = psycopg.Connection[Any]


@pytest.fixture
def source(database: str) -> Iterator[Connection]:
    with psycopg.connect(database, autocommit=True, prepare_threshold=None) as connection:
        yield connection


def cost(connection: Connection, text: str) -> float:
    (plan,) = connection.execute(f"EXPLAIN (FORMAT JSON) {text}".encode()).fetchone() or ([],)
    return float(plan[0]["Plan"]["Total Cost"])


def cloned_costs(source: Connection, *texts: str) -> tuple[list[float], list[str]]:
    """What the clone says of each statement without any new index, and what it says is missing."""
    statements = [WorkloadStatement(id=str(n), text=text) for n, text in enumerate(texts, 1)]
    with ExitStack() as stack:
        choice = PlannerChoice(source, stack, "clone", clone_server)
        ticks = iter(range(10**6))
        adviser = IndexAdviser(source, lambda: float(next(ticks)), choice.pricing, Limits(calls_a_statement=1))
        advice = adviser.advise(statements)
        assert len(advice.statements) == len(texts), advice.skipped
        return [one.cost_before for one in advice.statements], choice.notes


def same(source: Connection, *texts: str, within: float = 0.01) -> list[str]:
    """The clone's costs are the source's own. Returns what is missing."""
    found, missing = cloned_costs(source, *texts)
    assert found == pytest.approx([cost(source, text) for text in texts], rel=within)
    return missing


def test_indexes_of_partitions_come_along(source: Connection) -> None:
    source.execute(
        "CREATE TABLE events (id bigint, at date, kind int, note text, PRIMARY KEY (id, at, kind))"
        " PARTITION BY RANGE (at);"
        "CREATE TABLE events_a PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2024-07-01');"
        "CREATE TABLE events_b PARTITION OF events FOR VALUES FROM ('2024-07-01') TO ('2025-01-01')"
        " PARTITION BY LIST (kind);"
        "CREATE TABLE events_b1 PARTITION OF events_b FOR VALUES IN (0, 1, 2);"
        "CREATE TABLE events_b2 PARTITION OF events_b DEFAULT;"
        "CREATE INDEX events_kind ON events (kind);"
        "CREATE INDEX only_a ON events_a (lower(note));"
        "INSERT INTO events SELECT n, date '2024-01-01' + n % 366, n % 700, 'n' || n"
        " FROM generate_series(1, 60000) n;"
    )
    source.execute("VACUUM (ANALYZE) events")
    missing = same(
        source,
        "SELECT * FROM events WHERE id = 77",
        "SELECT * FROM events WHERE kind = 77",
        "SELECT * FROM events e JOIN events f ON f.id = e.kind WHERE e.at = '2024-03-03'",
        "SELECT * FROM events_a WHERE lower(note) = 'n77'",
        "SELECT * FROM events_b2 WHERE id = 77",
    )
    assert missing == []


def test_a_partition_asked_for_alone_has_its_indexes(source: Connection) -> None:
    source.execute(
        "CREATE TABLE events (id bigint PRIMARY KEY, note text) PARTITION BY HASH (id);"
        "CREATE TABLE events_0 PARTITION OF events FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
        "CREATE TABLE events_1 PARTITION OF events FOR VALUES WITH (MODULUS 2, REMAINDER 1);"
        "INSERT INTO events SELECT n, 'n' || n FROM generate_series(1, 30000) n;"
    )
    source.execute("VACUUM (ANALYZE) events")
    assert same(source, "SELECT * FROM events_1 WHERE id = 77") == []


def test_look_ups_pay_for_the_levels_of_existing_trees(source: Connection) -> None:
    source.execute(
        "CREATE TABLE parents (id bigint PRIMARY KEY, kind int);"
        "CREATE TABLE children (id bigint PRIMARY KEY, parent bigint REFERENCES parents, note text);"
        "INSERT INTO parents SELECT n, n % 90 FROM generate_series(1, 200000) n;"
        "INSERT INTO children SELECT n, 1 + n * 7919 % 200000, 'n' || n FROM generate_series(1, 200000) n;"
        "CREATE INDEX ON children (parent)"
    )
    source.execute("VACUUM (ANALYZE) parents, children")
    texts = (
        "SELECT * FROM parents p JOIN children c ON c.parent = p.id WHERE p.kind = 7",
        "SELECT * FROM parents p WHERE p.kind = 7 AND NOT EXISTS (SELECT FROM children c WHERE c.parent = p.id)",
    )
    assert same(source, *texts) == []


def test_exclusion_constraints_keep_their_index(source: Connection) -> None:
    source.execute(
        "CREATE TABLE stays (room int, during tsrange, EXCLUDE USING gist (during WITH &&));"
        "INSERT INTO stays SELECT n % 50, tsrange(timestamp '2024-01-01' + n * interval '1 hour',"
        " timestamp '2024-01-01' + n * interval '1 hour' + interval '30 min') FROM generate_series(1, 20000) n;"
    )
    source.execute("VACUUM (ANALYZE) stays")
    text = "SELECT * FROM stays WHERE during && tsrange('2024-03-01', '2024-03-02')"
    assert same(source, text, within=0.1) == []


CORRELATED = (
    "CREATE TABLE places (gone int, city int, region int, code text, at date);"
    "ALTER TABLE places DROP COLUMN gone;"
    "INSERT INTO places SELECT n % 900, n % 900 / 9, 'c' || n % 100, date '2024-01-01' + n % 300"
    " FROM generate_series(1, 60000) n;"
)
CORRELATED_QUERIES = (
    "SELECT * FROM places a JOIN places b USING (at) WHERE a.city = 5 AND a.region = 0",
    "SELECT * FROM places a JOIN places b USING (at) WHERE a.city = 33 AND a.code = 'c33' ORDER BY b.code",
    "SELECT city, region, code, count(*) FROM places GROUP BY city, region, code",
)


@pytest.mark.parametrize("kinds", ["ndistinct", "dependencies", "mcv", "ndistinct, dependencies, mcv"])
def test_extended_statistics_come_along(source: Connection, kinds: str) -> None:
    source.execute(CORRELATED.encode())
    source.execute("VACUUM (ANALYZE) places")
    without = [cost(source, text) for text in CORRELATED_QUERIES]
    source.execute(f"CREATE STATISTICS together ({kinds}) ON city, region, code FROM places; ANALYZE places".encode())
    assert [cost(source, text) for text in CORRELATED_QUERIES] != pytest.approx(without, rel=0.01)  # they matter
    assert same(source, *CORRELATED_QUERIES) == []


def test_what_of_extended_statistics_does_not_come_along_is_said(source: Connection, database: str) -> None:
    source.execute(CORRELATED.encode())
    source.execute("CREATE STATISTICS together ON city, region, code FROM places")
    source.execute("CREATE STATISTICS monthly ON date_trunc('month', at) FROM places")
    source.execute("VACUUM (ANALYZE) places")
    assert same(source, *CORRELATED_QUERIES) == ["extended statistics monthly: those of expressions"]
    source.execute("CREATE ROLE watcher; GRANT pg_monitor TO watcher; GRANT SELECT ON places TO watcher")
    source.execute("SET ROLE watcher")
    try:
        _, missing = cloned_costs(source, *CORRELATED_QUERIES)
    finally:
        source.execute("RESET ROLE; DROP OWNED BY watcher; DROP ROLE watcher")
    assert missing == [
        "extended statistics together: only its owner and pg_read_all_data may read",
        "extended statistics monthly: those of expressions",
        "extended statistics monthly: only its owner and pg_read_all_data may read",
    ]


def test_statistics_of_expression_indexes_come_along(source: Connection) -> None:
    source.execute(
        "CREATE TABLE people (id int, name text, doc jsonb);"
        "INSERT INTO people SELECT n, 'Name' || n % 40, jsonb_build_object('kind', n % 7, 'key', n)"
        " FROM generate_series(1, 50000) n;"
        "CREATE INDEX ON people (lower(name));"
        "CREATE INDEX ON people ((doc ->> 'kind'), lower(name));"
    )
    source.execute("VACUUM (ANALYZE) people")
    texts = (
        "SELECT * FROM people WHERE lower(name) = 'name7'",
        "SELECT * FROM people WHERE doc ->> 'kind' = '3' AND lower(name) < 'name2'",
        "SELECT lower(name), count(*) FROM people GROUP BY 1",
    )
    assert same(source, *texts) == []


def test_a_collation_of_a_language_allows_no_more_than_on_the_source(database: str) -> None:
    """With such a collation a plain index does not serve LIKE 'x%'; sorted by byte it does."""
    with psycopg.connect(database, autocommit=True, prepare_threshold=None) as source:
        source.execute(
            'CREATE TABLE names (by_byte text COLLATE "C", by_language text COLLATE "C.utf8");'
            "INSERT INTO names SELECT 'n' || n, 'n' || n FROM generate_series(1, 50000) n;"
            "CREATE INDEX ON names (by_byte); CREATE INDEX ON names (by_language);"
        )
        source.execute("VACUUM (ANALYZE) names")
        texts = [f"SELECT * FROM names WHERE {column} LIKE 'n77%'" for column in ("by_byte", "by_language")]
        assert cost(source, texts[0]) < cost(source, texts[1]) / 2
        assert same(source, *texts) == []


def test_a_database_that_sorts_by_language_is_cloned_as_one(postgres_server: PostgresServer) -> None:
    with psycopg.connect(postgres_server.dsn, autocommit=True) as connection:
        connection.execute("CREATE DATABASE sorted_by_language TEMPLATE template0 LOCALE 'C.utf8'")
    dsn = postgres_server.dsn_of("sorted_by_language")
    with psycopg.connect(dsn, autocommit=True, prepare_threshold=None) as source:
        source.execute(
            "CREATE TABLE names (plain text, doc jsonb);"
            "INSERT INTO names SELECT 'n' || n, jsonb_build_object('k', 'n' || n) FROM generate_series(1, 50000) n;"
            "CREATE INDEX ON names (plain); CREATE INDEX ON names ((doc ->> 'k'))"
        )
        source.execute("VACUUM (ANALYZE) names")
        texts = ("SELECT * FROM names WHERE plain LIKE 'n77%'", "SELECT * FROM names WHERE doc ->> 'k' LIKE 'n77%'")
        assert same(source, *texts) == []
    with psycopg.connect(postgres_server.dsn, autocommit=True) as connection:
        connection.execute("DROP DATABASE sorted_by_language")
