"""Neglected tables on real servers: found, seen to, and nothing said where all is well."""

from collections.abc import Iterator

import psycopg
import pytest

from advisor.model.database.maintenance import BloatMethod
from advisor.model.knob import KnobState
from advisor.servers import postgres
from advisor.servers.installation import with_hypopg
from advisor_rules.maintenance.autovacuum_behind import AUTOVACUUM_BEHIND
from advisor_rules.maintenance.index_bloat import INDEX_BLOAT
from advisor_rules.maintenance.stale_statistics import STALE_STATISTICS
from advisor_rules.maintenance.table_bloat import TABLE_BLOAT
from tests.integration.postgres.maintenance_scenarios import SMALL, TABLE, flush, knobs, make_table, order_of
from tests.integration.postgres.watching import Watcher

RULES = (STALE_STATISTICS, TABLE_BLOAT, INDEX_BLOAT, AUTOVACUUM_BEHIND)


@pytest.fixture(scope="module", params=["embedded", "distribution"])
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """PostgreSQL 18 and the distribution's, whose autovacuum does not come round while a test runs."""
    installation = with_hypopg() if request.param == "distribution" else None
    with postgres.start(installation, settings={"autovacuum_naptime": "1h"}) as running:
        yield running.dsn


@pytest.fixture
def session(server: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pgstattuple")
        yield connection
        connection.execute(f"DROP TABLE IF EXISTS {TABLE}".encode())
        connection.execute("DROP EXTENSION IF EXISTS pgstattuple")


def test_a_well_kept_table_is_left_alone(server: str, session: psycopg.Connection) -> None:
    make_table(session)
    watcher = Watcher(server)
    assert [watcher.ask(rule, SMALL)[0] for rule in RULES] == [[], [], [], []]


def test_old_statistics_are_found_and_gathered_anew(server: str, session: psycopg.Connection) -> None:
    make_table(session)
    session.execute(f"UPDATE {TABLE} SET note = 'y' WHERE id % 3 = 0".encode())
    flush(session)
    watcher = Watcher(server)
    findings, (proposal,) = watcher.ask(STALE_STATISTICS)
    assert findings[0].evidence[0].value == pytest.approx(0.333, abs=0.01)  # every third row

    knob, order = knobs(server), order_of(proposal)
    assert knob.inspect(order).kind is KnobState.OLD
    knob.apply(order)
    assert knob.inspect(order).kind is KnobState.NEW
    assert watcher.ask(STALE_STATISTICS)[0] == []
    knob.restore(order)  # says nothing, does nothing: there is no way back to old statistics
    status = knob.inspect(order)
    assert (status.kind, status.is_one_way) == (KnobState.NEW, True)


def test_a_table_that_was_never_analysed_is_found(server: str, session: psycopg.Connection) -> None:
    session.execute(f"CREATE TABLE {TABLE} AS SELECT i AS id FROM generate_series(1, 20000) i".encode())
    flush(session)
    _, (proposal,) = Watcher(server).ask(STALE_STATISTICS)
    assert proposal.current == "never"
    knob, order = knobs(server), order_of(proposal)
    assert knob.inspect(order).kind is KnobState.OLD
    knob.apply(order)
    assert knob.inspect(order).kind is KnobState.NEW


def test_dead_rows_are_found_and_vacuumed(server: str, session: psycopg.Connection) -> None:
    make_table(session, options="WITH (autovacuum_enabled = false)")
    session.execute(f"DELETE FROM {TABLE} WHERE id % 10 <> 0".encode())
    flush(session)
    watcher = Watcher(server)
    findings, (proposal,) = watcher.ask(TABLE_BLOAT, SMALL)
    assert watcher.look().bloat[0].method is BloatMethod.MEASURED
    assert findings[0].evidence[0].value == pytest.approx(0.9, abs=0.06)  # nine rows of ten are dead
    assert proposal.automatic
    knob, order = knobs(server), order_of(proposal)
    knob.apply(order)
    assert knob.inspect(order).kind is KnobState.NEW
    found = watcher.look().maintenance_of("public", 'Odd "Table"')
    assert found is not None
    assert found.dead_ratio == 0
    # The file keeps its size: what is left is advice, to rewrite it.
    session.execute(f"ANALYZE {TABLE}".encode())
    _, (advice,) = watcher.ask(TABLE_BLOAT, SMALL)
    assert not advice.automatic
    assert "VACUUM FULL" in str(advice.proposed)


def test_a_bloated_index_is_found_and_rebuilt(server: str, session: psycopg.Connection) -> None:
    make_table(session, rows=60_000)
    session.execute(f"DELETE FROM {TABLE} WHERE id % 10 <> 0".encode())
    session.execute(f"VACUUM (ANALYZE) {TABLE}".encode())
    flush(session)
    watcher = Watcher(server)
    findings, (proposal,) = watcher.ask(INDEX_BLOAT, SMALL)
    assert "Odd Key" in findings[0].summary
    assert findings[0].evidence[0].value == pytest.approx(0.9, abs=0.06)
    before = float(findings[0].evidence[1].value)
    knob, order = knobs(server), order_of(proposal)
    assert knob.inspect(order).kind is KnobState.OLD
    knob.apply(order)
    status = knob.inspect(order)
    assert (status.kind, status.is_one_way) == (KnobState.NEW, True)
    index = next(index for index in watcher.look().indexes if index.name == "Odd Key")
    assert index.size_bytes < 0.3 * before
    assert proposal.prediction.low <= index.size_bytes <= proposal.prediction.high
    assert index.backs_constraint
    assert watcher.ask(INDEX_BLOAT, SMALL)[0] == []
    knob.restore(order)
    assert knob.inspect(order).kind is KnobState.NEW


def test_without_pgstattuple_bloat_is_estimated_and_says_so(server: str, session: psycopg.Connection) -> None:
    session.execute("DROP EXTENSION pgstattuple")
    make_table(session, rows=60_000)
    watcher = Watcher(server)
    assert watcher.ask(TABLE_BLOAT, SMALL)[0] == []
    assert watcher.ask(INDEX_BLOAT, SMALL)[0] == []
    session.execute(f"DELETE FROM {TABLE} WHERE id % 10 <> 0".encode())
    flush(session)
    assert Watcher(server).ask(INDEX_BLOAT, SMALL)[0] == []  # statistics are no longer fresh: no estimate is believed
    session.execute(f"VACUUM (ANALYZE) {TABLE}".encode())
    flush(session)
    fresh = Watcher(server)
    for rule in (TABLE_BLOAT, INDEX_BLOAT):
        (finding,), _ = fresh.ask(rule, SMALL)
        assert "(estimate)" in finding.summary
        assert finding.evidence[0].value == pytest.approx(0.9, abs=0.1)


def test_autovacuum_that_does_not_come_round_is_found_and_hurried(server: str, session: psycopg.Connection) -> None:
    make_table(session)
    session.execute(f"UPDATE {TABLE} SET note = 'y'".encode())  # 20,000 dead; due at 50 + 0.2 x 20,000 = 4,050
    flush(session)
    findings, (proposal,) = Watcher(server).ask(AUTOVACUUM_BEHIND)
    assert "does not get through" in findings[0].summary
    assert findings[0].evidence[1].threshold == pytest.approx(8100)
    knob, order = knobs(server), order_of(proposal)
    options = "SELECT reloptions FROM pg_class WHERE relname = 'Odd \"Table\"'"
    assert knob.inspect(order).kind is KnobState.OLD
    knob.apply(order)
    assert knob.inspect(order).kind is KnobState.NEW
    (found,) = session.execute(options).fetchone() or ()
    assert set(found) == {"autovacuum_vacuum_cost_limit=2000", "autovacuum_vacuum_scale_factor=0.02"}
    knob.restore(order)
    assert knob.inspect(order).kind is KnobState.OLD
    assert session.execute(options).fetchone() == (None,)


def test_a_table_whose_autovacuum_is_off_gets_it_back_and_the_old_value_returns(
    server: str, session: psycopg.Connection
) -> None:
    make_table(session, options="WITH (autovacuum_enabled = off, fillfactor = 90)")
    session.execute(f"UPDATE {TABLE} SET note = 'y'".encode())
    flush(session)
    _, (proposal,) = Watcher(server).ask(AUTOVACUUM_BEHIND)
    assert (proposal.current, proposal.proposed) == ("autovacuum_enabled=off", "autovacuum_enabled=default")
    knob, order = knobs(server), order_of(proposal)
    knob.apply(order)
    options = "SELECT reloptions FROM pg_class WHERE relname = 'Odd \"Table\"'"
    assert session.execute(options).fetchone() == (["fillfactor=90"],)
    knob.restore(order)
    assert set((session.execute(options).fetchone() or ())[0]) == {"fillfactor=90", "autovacuum_enabled=off"}


def test_a_transaction_that_holds_vacuum_back_is_named_and_nothing_is_tried(
    server: str, session: psycopg.Connection
) -> None:
    make_table(session)
    with psycopg.connect(server, application_name="forgetful") as other:
        other.execute("SELECT txid_current(), pg_sleep(5.2)")  # a transaction shows in a look after five seconds
        session.execute(f"UPDATE {TABLE} SET note = 'y'".encode())
        flush(session)
        guide = SMALL.model_copy(update={"transaction": SMALL.transaction.model_copy(update={"long_seconds": 5.0})})
        findings, proposals = Watcher(server).ask(AUTOVACUUM_BEHIND, guide)
        assert "a transaction holds it back" in findings[0].summary
        assert "forgetful" in findings[0].cause
        assert proposals == []
