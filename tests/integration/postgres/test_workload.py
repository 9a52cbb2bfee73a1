"""pg_stat_statements as the difference between two looks, on real servers; nothing is ever reset by us."""

import psycopg
import pytest

from advisor.model.database.workload import Statement
from tests.integration.postgres.watching import Watcher, run


@pytest.fixture(params=["database", "hypopg_database"])
def dsn(request: pytest.FixtureRequest) -> str:
    """PostgreSQL 18, and the distribution's."""
    return str(request.getfixturevalue(request.param))


def statement(watcher: Watcher, part: str) -> Statement:
    found = [known for known in watcher.look().statements if part in known.text]
    assert len(found) == 1, [known.text for known in found]
    return found[0]


def test_only_what_came_after_the_first_look_counts(dsn: str) -> None:
    run(dsn, "SELECT 40 + 2 AS answer", times=50)
    watcher = Watcher(dsn)
    assert watcher.look().is_first_look
    run(dsn, "SELECT 40 + 2 AS answer", times=7)
    seen = statement(watcher, "AS answer")
    assert seen.calls == 7
    assert seen.rows == 7
    assert seen.rows_per_call == 1


def test_the_variance_is_that_of_the_window(dsn: str) -> None:
    run(dsn, "SELECT pg_sleep(0.3)")  # before the window: would push the deviation far up
    watcher = Watcher(dsn)
    watcher.look()
    run(dsn, "SELECT pg_sleep(0.02)", "SELECT pg_sleep(0.06)", times=4)
    seen = statement(watcher, "pg_sleep")
    # Four calls of 20 ms and four of 60 ms: mean 40 ms, population deviation 20 ms, and a little overhead.
    assert seen.mean_seconds == pytest.approx(0.040, rel=0.1)
    assert seen.stddev_seconds == pytest.approx(0.020, rel=0.1)


def test_a_reset_of_one_entry_is_not_taken_for_negative_work(dsn: str) -> None:
    run(dsn, "SELECT 1 AS often", times=40)
    watcher = Watcher(dsn)
    watcher.look()
    with psycopg.connect(dsn, autocommit=True) as connection:
        found = connection.execute("SELECT queryid FROM pg_stat_statements WHERE query LIKE '%AS often'").fetchone()
        assert found is not None
        connection.execute("SELECT pg_stat_statements_reset(0, 0, %s)", found)
    run(dsn, "SELECT 1 AS often", times=3)
    assert statement(watcher, "AS often").calls == 3


def test_a_reset_is_seen_even_where_the_count_has_passed_the_old_one(database: str) -> None:
    """Only version 17 and later tell (stats_since)."""
    run(database, "SELECT 1 AS often", times=3)
    watcher = Watcher(database)
    watcher.look()
    run(database, "SELECT pg_stat_statements_reset()")
    run(database, "SELECT 1 AS often", times=5)
    assert statement(watcher, "AS often").calls == 5  # not 5 - 3


def test_a_statement_inside_a_function_is_counted_once(dsn: str) -> None:
    run(
        dsn,
        "CREATE TABLE items (id int)",
        "CREATE FUNCTION tally() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM items); END'",
        "ALTER DATABASE " + psycopg.conninfo.conninfo_to_dict(dsn)["dbname"] + " SET pg_stat_statements.track = 'all'",
    )
    watcher = Watcher(dsn)
    watcher.look()
    run(dsn, "SELECT tally()", times=4)
    statements = watcher.look().statements
    assert [known.calls for known in statements if "tally()" in known.text] == [4]
    assert not [known.text for known in statements if "FROM items" in known.text]


def test_two_roles_of_one_statement_are_one(dsn: str) -> None:
    watcher = Watcher(dsn)
    watcher.look()
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE ROLE another")
        try:
            connection.execute("SELECT 5 AS shared")
            connection.execute("SET ROLE another")
            connection.execute("SELECT 5 AS shared")
            connection.execute("RESET ROLE")
        finally:
            connection.execute("DROP ROLE another")
    assert statement(watcher, "AS shared").calls == 2


def test_a_sort_that_spills_shows_its_temporary_blocks(dsn: str) -> None:
    watcher = Watcher(dsn)
    watcher.look()
    run(dsn, "SET work_mem = '64kB'; SELECT count(*) FROM (SELECT g FROM generate_series(1, 50000) g ORDER BY -g) s")
    # 50,000 rows of some 14 bytes are 0.7 MB: about 86 blocks written and read again.
    assert statement(watcher, "ORDER BY -g").temp_blocks > 50


def test_what_cannot_be_judged_is_listed_with_the_reason(dsn: str) -> None:
    watcher = Watcher(dsn)
    watcher.look()
    run(dsn, "SET application_name = 'x'", "CREATE TABLE t (id int)", "SELECT count(*) FROM t")
    look = watcher.look()
    reasons = {known.text: known.reason for known in look.skipped_statements}
    assert "not planned" in next(reason for text, reason in reasons.items() if text.startswith("CREATE TABLE"))
    assert not any("count(*) FROM t" in text for text in reasons)


def test_the_statistics_are_never_reset_and_nothing_is_written(dsn: str) -> None:
    run(dsn, "SELECT 1 AS often", times=10)
    with psycopg.connect(dsn, autocommit=True) as connection:
        before = connection.execute("SELECT stats_reset FROM pg_stat_statements_info").fetchone()
        watcher = Watcher(dsn)
        for _ in range(3):
            watcher.look()
        assert connection.execute("SELECT stats_reset FROM pg_stat_statements_info").fetchone() == before
        sent = connection.execute(
            "SELECT query FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid"
            " WHERE datname = current_database() AND toplevel"
        ).fetchall()
    verbs = {text.lstrip().split()[0].upper() for (text,) in sent if not text.lstrip().startswith("--")}
    # DO and FETCH carry the reads, in a session that cannot write.
    assert verbs <= {"SELECT", "WITH", "CREATE", "SET", "BEGIN", "COMMIT", "ALTER", "DO", "FETCH", "--"}
