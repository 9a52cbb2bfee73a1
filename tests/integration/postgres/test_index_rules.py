"""Indexes too many and one too few, on real servers: found, put right, undone; and never what must stay."""

import time
from collections.abc import Iterator

import psycopg
import pytest
from pydantic import SecretStr

from advisor.knobs.postgres.index import PostgresIndexKnob
from advisor.model.knob import KnobState
from advisor.model.snapshot import SourceStatus
from advisor.servers import postgres
from advisor.settings.guide import GuideSettings, QueryGuide
from advisor.settings.postgres import PostgresSettings
from advisor_rules.indexes.duplicate_index import DUPLICATE_INDEX
from advisor_rules.indexes.invalid_index import INVALID_INDEX
from advisor_rules.indexes.missing_index import MISSING_INDEX
from advisor_rules.indexes.unused_index import UNUSED_INDEX
from tests.integration.postgres.maintenance_scenarios import flush, order_of
from tests.integration.postgres.watching import Watcher, run

# A test lasts a second, not a month, and its indexes have kilobytes.
AT_ONCE = GuideSettings(
    query=QueryGuide(
        unused_after_seconds="1ms", smallest_unused_bytes=0, slow_mean_seconds="1ms", smallest_load_ratio=0.0001
    )
)
IN_A_MONTH = GuideSettings(query=QueryGuide(smallest_unused_bytes=0))


@pytest.fixture(params=["database", "hypopg_database"])
def dsn(request: pytest.FixtureRequest) -> str:
    """Messages of 300 authors, on PostgreSQL 18 and on the distribution's."""
    found = str(request.getfixturevalue(request.param))
    make_messages(found)
    return found


def make_messages(dsn: str) -> None:
    run(
        dsn,
        "CREATE TABLE message (id bigint PRIMARY KEY, author text NOT NULL, sent int)",
        "INSERT INTO message SELECT n, 'author ' || n % 300, n FROM generate_series(1, 30000) n",
        "VACUUM (ANALYZE) message",
    )


@pytest.fixture
def session(dsn: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


def definitions(dsn: str) -> set[str]:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'").fetchall()
    return {str(row[0]) for row in rows}


def read_by(session: psycopg.Connection, statement: str) -> None:
    """By an index, if there is one; and the server's counters know of it."""
    session.execute("SET enable_seqscan = off")
    session.execute(statement.encode())
    flush(session)


def found(watcher: Watcher, guide: GuideSettings = AT_ONCE) -> list[str]:
    return [finding.subject.name for finding in watcher.ask(UNUSED_INDEX, guide)[0]]


# unused


def test_an_index_that_nobody_reads_is_found_dropped_and_built_again(dsn: str, session: psycopg.Connection) -> None:
    run(dsn, 'CREATE INDEX "Odd index" ON message (sent DESC) WHERE sent > 5')
    before = definitions(dsn)
    watcher = Watcher(dsn)
    findings, (proposal,) = watcher.ask(UNUSED_INDEX, AT_ONCE)
    assert [finding.subject.name for finding in findings] == ["Odd index"]  # the primary key must stay
    assert not proposal.automatic
    run(dsn, proposal.apply)
    assert found(watcher) == []
    assert before - definitions(dsn) == {next(text for text in before if "Odd" in text)}
    run(dsn, proposal.undo)
    assert definitions(dsn) == before
    assert "CONCURRENTLY" in proposal.undo


def test_what_was_read_or_not_counted_for_long_enough_is_left_in_peace(dsn: str, session: psycopg.Connection) -> None:
    run(dsn, "CREATE INDEX by_author ON message (author)")
    assert found(Watcher(dsn), IN_A_MONTH) == []
    read_by(session, "SELECT 1 FROM message WHERE author = 'author 7'")
    version = session.info.server_version
    # Read a moment ago: from 16 on that is longer than a millisecond, before it nobody knows when.
    assert found(Watcher(dsn)) == (["by_author"] if version >= 160000 else [])
    a_minute = GuideSettings(query=QueryGuide(smallest_unused_bytes=0, unused_after_seconds="1m"))
    assert found(Watcher(dsn), a_minute) == []
    session.execute("SELECT pg_stat_reset()")
    assert found(Watcher(dsn), a_minute) == []  # a reset begins the count anew
    assert found(Watcher(dsn)) == ["by_author"]


def test_what_more_than_speed_hangs_on_is_never_advised_against(dsn: str) -> None:
    run(
        dsn,
        "CREATE UNIQUE INDEX one_sent ON message (sent)",
        "ALTER TABLE message ADD CONSTRAINT no_overlap EXCLUDE USING btree (sent WITH =)",
        "ALTER TABLE message ALTER sent SET NOT NULL",
        "CREATE UNIQUE INDEX identity ON message (sent, id)",
        "ALTER TABLE message REPLICA IDENTITY USING INDEX identity",
        "CREATE TABLE visit (at date) PARTITION BY RANGE (at)",
        "CREATE TABLE visit_1 PARTITION OF visit FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
        "CREATE INDEX ON visit (at)",
    )
    watcher = Watcher(dsn)
    for rule in (UNUSED_INDEX, DUPLICATE_INDEX, INVALID_INDEX):
        assert watcher.ask(rule, AT_ONCE)[0] == [], rule.id


# duplicate


def test_a_duplicate_and_a_prefix_are_found_dropped_and_built_again(dsn: str) -> None:
    run(
        dsn,
        "CREATE INDEX a_first ON message (author)",
        "CREATE INDEX b_second ON message (author)",
        "CREATE INDEX c_other ON message (sent)",
        "CREATE INDEX d_longer ON message (sent, author)",
        "CREATE INDEX e_part ON message (sent) WHERE sent > 5",
        "CREATE INDEX f_other_way ON message (sent DESC)",
    )
    before = definitions(dsn)
    watcher = Watcher(dsn)
    findings, proposals = watcher.ask(DUPLICATE_INDEX)
    assert {finding.subject.name: finding.cause for finding in findings} == {
        "b_second": "a_first is the same",
        "c_other": "d_longer begins with the same keys",
    }
    for proposal in proposals:
        run(dsn, proposal.apply)
    assert watcher.ask(DUPLICATE_INDEX)[0] == []
    for proposal in proposals:
        run(dsn, proposal.undo)
    assert definitions(dsn) == before


# invalid


def test_remains_of_a_build_are_found_and_dropped_by_the_advice(dsn: str) -> None:
    run(dsn, "INSERT INTO message VALUES (-1, 'twice', 1), (-2, 'twice', 1)")
    watcher = Watcher(dsn)
    assert watcher.ask(INVALID_INDEX)[0] == []
    with pytest.raises(psycopg.errors.UniqueViolation):
        run(dsn, "CREATE UNIQUE INDEX CONCURRENTLY no_two ON message (author)")
    findings, (proposal,) = watcher.ask(INVALID_INDEX)
    assert [finding.subject.name for finding in findings] == ["no_two"]
    run(dsn, proposal.apply)
    assert watcher.ask(INVALID_INDEX)[0] == []
    assert proposal.undo.startswith("CREATE UNIQUE INDEX CONCURRENTLY no_two ON public.message")


# missing


def test_a_missing_index_is_found_built_and_dropped_by_its_knob(hypopg_database: str) -> None:
    make_messages(hypopg_database)
    watcher = Watcher(hypopg_database)
    watcher.look()
    run(hypopg_database, "SELECT sent FROM message WHERE author = 'author 7'", times=20)
    _, (proposal,) = watcher.ask(MISSING_INDEX, AT_ONCE)
    before = definitions(hypopg_database)
    knob, order = PostgresIndexKnob(PostgresSettings(builder_dsn=SecretStr(hypopg_database))), order_of(proposal)
    assert knob.inspect(order).kind is KnobState.OLD
    knob.apply(order)
    assert knob.inspect(order).kind is KnobState.NEW
    run(hypopg_database, "SELECT sent FROM message WHERE author = 'author 7'", times=20)
    assert watcher.ask(MISSING_INDEX, AT_ONCE)[0] == []
    for rule in (DUPLICATE_INDEX, INVALID_INDEX):
        assert watcher.ask(rule, AT_ONCE)[0] == [], rule.id
    knob.restore(order)
    assert knob.inspect(order).kind is KnobState.OLD
    assert definitions(hypopg_database) == before


def test_an_index_of_its_own_is_not_dropped_in_the_next_cycle(dsn: str) -> None:
    """It is new, and so nobody has read it yet, though reads have been counted for long."""
    ddl = 'CREATE INDEX CONCURRENTLY "adv_message_author" ON "public"."message" USING btree ("author")'
    run(dsn, ddl)
    watcher = Watcher(dsn)
    assert found(watcher) == ["adv_message_author"]  # like anybody's
    run(dsn, "COMMENT ON INDEX adv_message_author IS 'advisor chg_0123456789ab term 1'")  # the knob's mark
    assert found(watcher) == []


# replicas


def test_an_index_that_only_a_replica_reads_is_never_unused() -> None:
    with postgres.start(settings={"max_connections": "20"}) as primary:
        make_messages(primary.dsn)
        run(primary.dsn, "CREATE INDEX by_author ON message (author)", "CREATE INDEX by_sent ON message (sent)")
        assert found(Watcher(primary.dsn)) == ["by_author", "by_sent"]
        with postgres.start(settings={"max_connections": "20"}, replica_of=primary) as replica:
            assert found(Watcher(primary.dsn)) == []  # it follows, and nobody has named it
            both = Watcher(primary.dsn, replica_dsns=[SecretStr(replica.dsn)])
            assert found(both) == ["by_author", "by_sent"]
            assert found(Watcher(replica.dsn)) == []  # a replica alone knows nothing of the primary's reads
            time.sleep(1.1)  # its reads are counted since it began
            with psycopg.connect(replica.dsn, autocommit=True) as reader:
                read_by(reader, "SELECT 1 FROM message WHERE author = 'author 7'")
            a_moment = GuideSettings(query=QueryGuide(unused_after_seconds="1s", smallest_unused_bytes=0))
            asked = Watcher(primary.dsn, replica_dsns=[SecretStr(replica.dsn)])
            assert found(asked, a_moment) == ["by_sent"]
            assert {i.name: i.scans for i in asked.look().indexes} == {"message_pkey": 0, "by_author": 1, "by_sent": 0}


def test_a_replica_that_does_not_answer_keeps_every_index_and_is_named(dsn: str) -> None:
    run(dsn, "CREATE INDEX by_author ON message (author)")
    away = "postgresql://reader:topsecret@127.0.0.1:1/shop"
    watcher = Watcher(dsn, replica_dsns=[SecretStr(away)])
    assert found(watcher) == []
    seen = watcher.observe()
    assert seen.status is SourceStatus.DEGRADED
    assert "postgres 127.0.0.1:1/shop" in seen.detail
    assert "topsecret" not in seen.detail
    assert seen.databases["main"].indexes[0].idle_seconds is None
