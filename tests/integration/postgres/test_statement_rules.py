"""Trouble with statements, made on real servers, seen by the rules; and quiet where there is none."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from advisor.model.errors import BadDataError, SourceUnavailableError
from advisor.settings.guide import GuideSettings, QueryGuide
from advisor_rules.statements.cacheable_query import CACHEABLE_QUERY
from advisor_rules.statements.n_plus_one import N_PLUS_ONE
from advisor_rules.statements.slow_query import SLOW_QUERY
from advisor_rules.statements.unbounded_result import UNBOUNDED_RESULT
from tests.integration.postgres.watching import Watcher, run

# A test lasts a second, not an hour: what counts as hot and slow is scaled down, the shapes are as they are.
MUCH_READ = GuideSettings(query=QueryGuide(deep_offset_blocks=10))
QUICK = GuideSettings(
    query=QueryGuide(slow_mean_seconds="10ms", smallest_load_ratio=0.001, cacheable_after_seconds="0s")
)


@pytest.fixture(params=["database", "hypopg_database"])
def dsn(request: pytest.FixtureRequest) -> str:
    """A shop of 2,000 customers with 20,000 orders, on PostgreSQL 18 and on the distribution's."""
    found = str(request.getfixturevalue(request.param))
    run(
        found,
        "CREATE TABLE customers (id int PRIMARY KEY, name text)",
        "CREATE TABLE orders (id int PRIMARY KEY, customer_id int NOT NULL REFERENCES customers, note text)",
        "INSERT INTO customers SELECT i, 'customer ' || i FROM generate_series(1, 2000) i",
        "INSERT INTO orders SELECT i, 1 + i % 2000, repeat('x', 200) FROM generate_series(1, 20000) i",
        "CREATE INDEX ON orders (customer_id)",
        "ANALYZE",
    )
    return found


@pytest.fixture
def session(dsn: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


def watching(dsn: str, **settings: object) -> Watcher:
    watcher = Watcher(dsn, **settings)
    watcher.look()
    return watcher


def test_a_slow_statement_is_found_with_the_step_that_is_slow(dsn: str, session: psycopg.Connection) -> None:
    watcher = watching(dsn)
    for _ in range(3):
        session.execute("SELECT o.id FROM orders o, customers c WHERE o.note LIKE c.name || '%%' AND c.id < %s", [40])
    findings, proposals = watcher.ask(SLOW_QUERY, QUICK)
    assert any("note LIKE" in finding.summary for finding in findings)
    (proposal,) = [p for p in proposals if "Nested Loop" in p.rationale]
    assert "pairs of rows are tried one by one for (o.note ~~ (c.name" in str(proposal.proposed)
    assert "Seq Scan on orders" in proposal.rationale


def test_quick_statements_are_not_called_slow(dsn: str, session: psycopg.Connection) -> None:
    watcher = watching(dsn)
    for key in range(50):
        session.execute("SELECT * FROM orders WHERE id = %s", [key])
    assert watcher.ask(SLOW_QUERY)[0] == []


def test_planning_stops_when_its_seconds_are_used_up(dsn: str, session: psycopg.Connection) -> None:
    watcher = watching(dsn, planning_seconds="0s")
    session.execute("SELECT count(*), pg_sleep(0.12) FROM orders")
    with pytest.raises(SourceUnavailableError, match="used up"):
        watcher.ask(SLOW_QUERY)


def test_a_reader_without_the_right_to_plan_is_told_what_is_missing(dsn: str, session: psycopg.Connection) -> None:
    session.execute("CREATE ROLE plain_reader LOGIN PASSWORD 'plain' IN ROLE pg_monitor")
    try:
        reader = psycopg.conninfo.make_conninfo(dsn, user="plain_reader", password="plain")
        watcher = watching(reader)
        session.execute("SELECT count(*), pg_sleep(0.12) FROM orders")
        with pytest.raises(BadDataError, match=r"permission denied for table orders.*pg_read_all_data"):
            watcher.ask(SLOW_QUERY)
        session.execute("GRANT pg_read_all_data TO plain_reader")
        assert watcher.ask(SLOW_QUERY)[1]
    finally:
        session.execute("DROP ROLE plain_reader")


def list_customers(session: psycopg.Connection, *, one_by_one: bool) -> None:
    """Pages of twenty customers with their orders, as an ORM loads them: lazily, or with the page."""
    for page in range(10):
        ids = [
            row[0] for row in session.execute("SELECT id, name FROM customers ORDER BY id LIMIT 20 OFFSET %s", [page])
        ]
        if one_by_one:
            for customer in ids:
                session.execute("SELECT id, note FROM orders WHERE customer_id = %s", [customer])
        else:
            session.execute("SELECT id, note FROM orders WHERE customer_id = ANY(%s)", [ids])


def test_a_loop_over_customers_is_seen_in_the_statistics(dsn: str, session: psycopg.Connection) -> None:
    watcher = watching(dsn)
    list_customers(session, one_by_one=True)
    findings, proposals = watcher.ask(N_PLUS_ONE)
    (finding,) = findings
    assert finding.evidence[0].value == 20  # 200 look-ups for 10 pages
    assert "FROM orders WHERE customer_id" in finding.summary
    assert "FROM customers" in finding.cause
    assert proposals[0].automatic is False


def test_orders_loaded_with_the_page_are_no_loop(dsn: str, session: psycopg.Connection) -> None:
    watcher = watching(dsn)
    list_customers(session, one_by_one=False)
    assert watcher.ask(N_PLUS_ONE)[0] == []


def test_a_list_without_end_and_a_deep_page_are_found(dsn: str, session: psycopg.Connection) -> None:
    watcher = watching(dsn)
    session.execute("SELECT id, note FROM orders WHERE customer_id > %s", [0])
    session.execute("SELECT id, note FROM orders ORDER BY id LIMIT 20 OFFSET 18000")
    findings, proposals = watcher.ask(UNBOUNDED_RESULT)
    assert {finding.cause.split(" ")[0] for finding in findings} == {"it", "OFFSET"}
    assert next(f for f in findings if "no LIMIT" in f.cause).evidence[0].value == 20_000
    pages = sorted(str(proposal.proposed).rpartition(": ")[2] for proposal in proposals)
    assert pages[1] == "SELECT id, note FROM orders WHERE id > $1 ORDER BY id LIMIT $2"
    for number, page in enumerate(pages):
        session.execute(f"PREPARE page_{number} AS {page}".encode())


def test_a_first_page_that_is_searched_and_sorted_is_not_blamed_on_its_offset(
    dsn: str, session: psycopg.Connection
) -> None:
    watcher = watching(dsn)
    columns = "id, CASE WHEN note IS NULL THEN 1 ELSE 0 END AS clause_1"
    text = f"SELECT {columns} FROM orders WHERE note > %s ORDER BY clause_1, note"
    for _ in range(3):
        session.execute(f"{text} LIMIT 10 OFFSET 0".encode(), ["x"])
    assert watcher.ask(UNBOUNDED_RESULT, MUCH_READ)[0] == []
    session.execute(text.encode(), [""])
    (proposal,) = watcher.ask(UNBOUNDED_RESULT)[1]
    # An output name is no column: what it stands for is what the next page is found by.
    session.execute(f"PREPARE after_it AS {str(proposal.proposed).rpartition(': ')[2]}".encode())


def test_pages_by_key_are_left_alone(dsn: str, session: psycopg.Connection) -> None:
    watcher = watching(dsn)
    session.execute("SELECT id, note FROM orders WHERE id > 15000 ORDER BY id LIMIT 20")
    session.execute("SELECT id, note FROM orders ORDER BY id LIMIT 20 OFFSET 40")
    session.execute("SELECT count(*) FROM orders")
    assert watcher.ask(UNBOUNDED_RESULT)[0] == []


def test_a_hot_answer_that_does_not_change_is_worth_keeping(dsn: str, session: psycopg.Connection) -> None:
    watcher = watching(dsn)
    for _ in range(60):
        session.execute("SELECT count(*) FROM orders WHERE note > 'y'")
    findings, proposals = watcher.ask(CACHEABLE_QUERY, QUICK)
    assert ["FROM orders WHERE note" in finding.summary for finding in findings] == [True]
    assert "for 1h," in str(proposals[0].proposed)


def test_an_answer_that_changes_all_the_time_is_not(dsn: str, session: psycopg.Connection) -> None:
    watcher = watching(dsn)
    for key in range(60):
        session.execute("SELECT count(*) FROM orders WHERE note > 'y'")
        session.execute(sql.SQL("UPDATE orders SET note = 'z' WHERE id = {}").format(sql.Literal(key + 1)))
    session.execute("SELECT pg_sleep(1.1)")  # the counters of a session are sent once a second
    session.execute("SELECT pg_stat_force_next_flush()")
    assert watcher.ask(CACHEABLE_QUERY, QUICK)[0] == []
