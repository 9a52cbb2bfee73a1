"""The rule of the report and `advisor indexes` give one answer; what was not looked at is said; the time is kept."""

import time

import psycopg
from pydantic import SecretStr

from advisor.model.database.index_advice import WorkloadStatement
from advisor.settings.postgres import PostgresSettings
from advisor.settings.schema import Settings
from advisor.whatif.index.advice import Limits
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
