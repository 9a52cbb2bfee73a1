"""Sessions, ages and processors on real servers: trouble made, seen, ended, and then nothing said."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from advisor.model.finding import Severity
from advisor.model.signal import Measured, signal
from advisor.model.snapshot import Snapshot
from advisor.servers import postgres
from advisor.servers.installation import with_hypopg
from advisor.settings.guide import GuideSettings, TransactionGuide
from advisor_rules.maintenance.long_transaction import LONG_TRANSACTION
from advisor_rules.maintenance.wraparound_risk import WRAPAROUND_RISK
from advisor_rules.pool.connection_leak import CONNECTION_LEAK
from advisor_rules.pool.connections_budget import CONNECTIONS_BUDGET
from advisor_rules.statements.db_cpu_bound import DB_CPU_BOUND
from tests.integration.postgres.watching import Watcher, an_application, ask, run

# A look shows transactions from five seconds on; the tests do not wait for minutes.
SOON = GuideSettings(transaction=TransactionGuide(idle_seconds="5s", long_seconds="5s"))
BURN = (
    "CREATE OR REPLACE PROCEDURE burn(ids int) LANGUAGE plpgsql AS "
    "'BEGIN FOR i IN 1..ids LOOP PERFORM txid_current(); COMMIT; END LOOP; END'"
)


@pytest.fixture(scope="module", params=["embedded", "distribution"])
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    installation = with_hypopg() if request.param == "distribution" else None
    settings = {"max_connections": "60", "max_prepared_transactions": "2", "autovacuum_freeze_max_age": "100000"}
    with postgres.start(installation, settings=settings) as running:
        yield running.dsn


@contextmanager
def an_open_transaction(dsn: str, application: str, statement: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(dsn, application_name=application) as connection:
        connection.execute(statement.encode())
        yield connection
        if not connection.closed:
            connection.rollback()


def test_nothing_is_said_of_sessions_that_come_and_go(server: str) -> None:
    run(server, "SELECT 1", times=20)
    with psycopg.connect(server) as idle:  # idle, but in no transaction
        idle.execute("SELECT 1")
        idle.commit()
        watcher = Watcher(server)
        assert watcher.ask(CONNECTION_LEAK, SOON)[0] == []
        assert watcher.ask(LONG_TRANSACTION, SOON)[0] == []


def test_a_connection_that_is_not_given_back_is_named(server: str) -> None:
    with an_open_transaction(server, "checkout", "SELECT txid_current(), 'secret-4711' AS card") as leak:
        time.sleep(5.3)
        watcher = Watcher(server)
        findings, (proposal,) = watcher.ask(CONNECTION_LEAK, SOON)
        assert findings[0].subject.name == "checkout"
        assert f"pid {leak.info.backend_pid} (advisor@127.0.0.1) idle for 5" in findings[0].cause
        assert "SELECT txid_current(), $1 AS card" in findings[0].cause  # what it did, without the data
        (long,), _ = watcher.ask(LONG_TRANSACTION, SOON)
        assert "checkout" in long.summary
        assert "secret-4711" not in long.cause
        run(server, str(proposal.proposed).partition("now: ")[2])  # what the advice says frees it
        with pytest.raises(psycopg.OperationalError):
            leak.execute("SELECT 1")
    assert Watcher(server).ask(CONNECTION_LEAK, SOON)[0] == []


def test_a_prepared_transaction_that_was_forgotten_is_named(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as session:
        session.execute("BEGIN")
        session.execute("SELECT txid_current()")
        session.execute("PREPARE TRANSACTION 'order 4711'")
        time.sleep(5.3)
        (finding,), (proposal,) = Watcher(server).ask(LONG_TRANSACTION, SOON)
        assert finding.subject.name == "prepared order 4711"
        assert "ROLLBACK PREPARED 'order 4711'" in str(proposal.proposed)
        session.execute("ROLLBACK PREPARED 'order 4711'")
    assert Watcher(server).ask(LONG_TRANSACTION, SOON)[0] == []


def test_ages_that_a_transaction_keeps_from_being_frozen_are_a_risk(server: str) -> None:
    watcher = Watcher(server)
    assert watcher.ask(WRAPAROUND_RISK, SOON)[0] == []
    run(server, BURN)
    with an_open_transaction(server, "snapshot holder", "SELECT txid_current()"):
        run(server, "CALL burn(205000)")  # autovacuum must freeze at 100,000; twice that is a risk
        time.sleep(5.3)
        findings, proposals = watcher.ask(WRAPAROUND_RISK, SOON)
        found = {finding.subject.name: finding for finding in findings}
        assert found["postgres"].severity is Severity.WARNING
        assert "snapshot holder" in found["postgres"].cause
        assert "VACUUM (FREEZE)" in str(proposals[0].proposed)
    run(server, "VACUUM (FREEZE)")
    findings, _ = watcher.ask(WRAPAROUND_RISK, SOON)
    assert "postgres" not in {finding.subject.name for finding in findings}


def test_sessions_that_want_a_processor_are_counted_over_several_looks(server: str) -> None:
    watcher = Watcher(server, cpu_cores=2)
    for _ in range(6):
        watcher.look()
    assert watcher.ask(DB_CPU_BOUND)[0] == []
    busy = [psycopg.connect(server) for _ in range(6)]
    work = [
        threading.Thread(target=one.execute, args=["SELECT count(*) FROM generate_series(1, 8000000)"]) for one in busy
    ]
    for thread in work:
        thread.start()
    loaded = Watcher(server, cpu_cores=2)
    try:
        for _ in range(6):
            loaded.look()
            time.sleep(0.05)
        findings, proposals = loaded.ask(DB_CPU_BOUND)
    finally:
        for thread in work:
            thread.join()
        for one in busy:
            one.close()
    assert len(findings) == 1
    assert float(findings[0].evidence[0].value) > 1.8  # 0.9 of two processors
    assert not proposals[0].automatic


def test_pools_are_held_against_what_the_server_takes(server: str) -> None:
    look = Watcher(server).look()

    def snapshot(pool_size: int) -> Snapshot:
        facts = {"pool.size": pool_size, "pool.max_overflow": 10, "pool.checked_out": 2, "pool.instances": 3}
        readings = {signal(name, app="web"): Measured(value=value, at=look.taken_at) for name, value in facts.items()}
        return Snapshot(taken_at=look.taken_at, window_seconds=60, signals=readings, databases={"main": look})

    context = Watcher(server).context(applications={"web": an_application("web", max_replicas=4)})
    # 60 connections less 3 reserved and 10 for people are 47; 4 replicas and a release's surge are 5 processes.
    findings, _ = ask(CONNECTIONS_BUDGET, snapshot(5), context)
    assert (findings[0].evidence[0].value, findings[0].evidence[0].threshold) == (75, 47)
    fitting = Watcher(server).context(applications={"web": an_application("web", max_replicas=2)})
    assert ask(CONNECTIONS_BUDGET, snapshot(5), fitting)[0] == []  # 3 x 15 = 45


def test_a_reader_with_pg_monitor_alone_sees_everything_these_rules_need(server: str) -> None:
    """Only plans and estimates from column statistics need SELECT on the tables."""
    with psycopg.connect(server, autocommit=True) as owner:
        owner.execute("CREATE EXTENSION pgstattuple")
        owner.execute("CREATE EXTENSION pg_stat_statements")
        owner.execute("CREATE ROLE watcher LOGIN PASSWORD 'watch' IN ROLE pg_monitor")
        owner.execute("CREATE TABLE closed AS SELECT i, repeat('x', 80) AS note FROM generate_series(1, 20000) i")
        owner.execute("VACUUM (ANALYZE) closed")
        try:
            seen = Watcher(psycopg.conninfo.make_conninfo(server, user="watcher", password="watch")).observe()
            look = seen.databases["main"]
            assert seen.detail.startswith("1 tables are closed to watcher: slow statements on them are found")
            assert [bloat.method for bloat in look.bloat if bloat.table == "closed"] == ["pgstattuple"]
            assert look.maintenance_of("public", "closed") is not None
            assert any("generate_series" in statement.text for statement in look.statements)
        finally:
            owner.execute("DROP TABLE closed")
            owner.execute("DROP ROLE watcher")
            owner.execute("DROP EXTENSION pgstattuple, pg_stat_statements")
