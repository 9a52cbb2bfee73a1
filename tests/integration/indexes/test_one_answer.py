"""The rule of the report and `advisor indexes` give one answer; what was not looked at is said; the time is kept."""

import math
import time
from contextlib import ExitStack
from dataclasses import replace

import psycopg
from pydantic import SecretStr

from advisor.model.database.index_advice import WorkloadStatement
from advisor.model.database.index_design import IndexDesign, plain_keys
from advisor.settings.postgres import PostgresSettings
from advisor.settings.schema import Settings
from advisor.sql.relations import TableName
from advisor.whatif.index.advice import Limits
from advisor.whatif.index.catalogue.reader import read_relations, read_tables
from advisor.whatif.index.planners import PlannerChoice
from advisor.wiring.clone import clone_server
from advisor.wiring.indexes import advise_on_indexes
from advisor_rules.indexes.missing_index import MISSING_INDEX
from tests.integration.postgres.watching import Watcher, run

TASKS = (
    "CREATE TABLE task (id bigint PRIMARY KEY, tenant int NOT NULL, ref text NOT NULL, body text)",
    "INSERT INTO task SELECT g, g % 3, 'r' || g % 50000, repeat('b', 80) FROM generate_series(1, 200000) g",
    "CREATE INDEX task_tenant ON task (tenant)",
    "ANALYZE task",
    "SELECT pg_stat_reset()",
)
READINGS = (
    "CREATE TABLE reading (id bigint, day date NOT NULL, dev int NOT NULL, val float8) PARTITION BY RANGE (day)",
    "CREATE TABLE reading_a PARTITION OF reading FOR VALUES FROM ('2026-01-01') TO ('2026-07-01')",
    "CREATE MATERIALIZED VIEW by_device AS SELECT dev, sum(val) AS total FROM reading GROUP BY 1",
)
PARTS = (
    "CREATE TABLE m (id bigint, day date NOT NULL, dev int NOT NULL, kind int NOT NULL) PARTITION BY RANGE (day)",
    "DO $$ BEGIN FOR i IN 0..199 LOOP EXECUTE format('CREATE TABLE m_%s PARTITION OF m FOR VALUES FROM (%L) TO (%L)',"
    " i, date '2024-01-01' + i, date '2024-01-02' + i); END LOOP; END $$",
    "INSERT INTO m SELECT g, date '2024-01-01' + g % 200, g / 7 % 4000, g % 50 FROM generate_series(1, 60000) g",
    "ANALYZE m",
)


def test_an_index_that_leads_with_a_column_of_three_values_is_no_index(hypopg_database: str) -> None:
    run(hypopg_database, *TASKS)
    watcher = Watcher(hypopg_database)
    watcher.look()
    with psycopg.connect(hypopg_database, autocommit=True) as application:
        for _ in range(15):
            application.execute("SELECT id FROM task WHERE tenant = 1 AND ref = 'r5'")
    findings, proposals = watcher.ask(MISSING_INDEX)
    settings = Settings(postgres=PostgresSettings(dsn=SecretStr(hypopg_database)))
    (suggestion,) = advise_on_indexes(settings, None, Limits(), None).indexes
    assert [finding.subject.name for finding in findings] == ["task"]
    assert [str(proposal.proposed) for proposal in proposals] == list(suggestion.ddl)
    assert "ref" in suggestion.design.columns


def test_what_is_no_ordinary_table_is_said_not_to_have_been_judged(database: str) -> None:
    run(database, *READINGS)
    gaps = [gap for need in MISSING_INDEX.needs for gap in need.gaps(Watcher(database).snapshot())]
    assert gaps == ["database main: partitioned table public.reading, materialised view public.by_device"]


def test_the_time_budget_is_kept_on_hundreds_of_partitions(hypopg_database: str) -> None:
    run(hypopg_database, *PARTS)
    texts = ("SELECT * FROM m WHERE dev = 77", "SELECT count(*) FROM m WHERE kind = 5", "SELECT * FROM m WHERE id = 5")
    statements = [WorkloadStatement(id=str(n), text=text) for n, text in enumerate(texts, 1)]
    settings = Settings(postgres=PostgresSettings(dsn=SecretStr(hypopg_database)))
    began = time.monotonic()
    advice = advise_on_indexes(settings, statements, Limits(seconds=2.0), "hypopg")
    assert advice.elapsed_seconds < 3.0
    assert advice.ended_by in ("time", "nothing better")
    assert len(advice.statements) + len(advice.skipped) == 3
    assert time.monotonic() - began < 20


def test_the_time_budget_is_kept_on_the_planners_clone_and_what_was_left_out_is_said(database: str) -> None:
    run(database, *PARTS)
    texts = tuple(f"SELECT * FROM m WHERE {column} = 7" for column in ("dev", "kind", "id"))
    statements = [WorkloadStatement(id=str(n), text=text) for n, text in enumerate(texts, 1)]
    settings = Settings(postgres=PostgresSettings(dsn=SecretStr(database)))
    advice = advise_on_indexes(settings, statements, Limits(seconds=4.0), None)
    assert advice.elapsed_seconds < 10  # without a bound it took 23 s to make the clone alone
    assert len(advice.statements) + len(advice.skipped) == 3
    left_out = [note for note in advice.planner_notes if note.startswith("time to try")]
    by_statistics = [note for note in advice.planner_notes if "no time was left to make it" in note]
    assert advice.ended_by == "nothing better" or left_out or advice.skipped
    assert {one.method for one in advice.indexes} <= ({"heuristic"} if by_statistics else {"clone"})
    assert advice.indexes or all("time" in one.reason for one in advice.skipped)


def test_an_index_that_could_not_be_made_on_every_partition_in_time_is_not_there(database: str) -> None:
    run(database, *PARTS)
    left = iter([math.inf, 0.0])  # of 200 partitions a hundred are done in one trip
    design = IndexDesign(schema="public", table="m", keys=plain_keys("dev"))
    text = "EXPLAIN (FORMAT JSON) SELECT * FROM m WHERE dev = 7"
    with ExitStack() as stack:
        connection = stack.enter_context(psycopg.connect(database, autocommit=True, prepare_threshold=None))
        catalogue = read_relations(connection)
        table = TableName("public", "m")
        catalogue = replace(catalogue, tables=read_tables(connection, [table]))
        pricing = PlannerChoice(connection, stack, "clone", clone_server).pricing(catalogue, {})
        before = pricing.plan(text, frozenset(), [table])
        pricing.bound(lambda: next(left, math.inf))
        assert pricing.offer([design]) == {design: "no time was left to make it"}
        assert pricing.plan(text, frozenset(), [table]) == before
        assert pricing.offer([design]) == {}
        assert pricing.size_bytes(design) >= 200 * 8192  # a page of each, at least


def test_time_that_ends_while_tried_indexes_are_hidden_ends_nothing_else(hypopg_database: str) -> None:
    run(hypopg_database, *PARTS)
    left = iter([math.inf, 0.0])  # to make 200 hypothetical indexes, and to take them away: 1 ms is the least limit
    design = IndexDesign(schema="public", table="m", keys=plain_keys("dev"))
    text = "EXPLAIN (FORMAT JSON) SELECT * FROM m WHERE dev = 7"
    with ExitStack() as stack:
        connection = stack.enter_context(psycopg.connect(hypopg_database, autocommit=True, prepare_threshold=None))
        catalogue = read_relations(connection)
        table = TableName("public", "m")
        catalogue = replace(catalogue, tables=read_tables(connection, [table]))
        pricing = PlannerChoice(connection, stack, "hypopg", clone_server).pricing(catalogue, {})
        before = pricing.plan(text, frozenset(), [table])
        pricing.bound(lambda: next(left, math.inf))
        assert pricing.offer([design]) == {}
        assert pricing.plan(text, frozenset(), [table]) == before
        assert pricing.size_bytes(design) >= 200 * 8192  # a page of each, at least
