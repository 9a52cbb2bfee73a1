"""What writers pay for an index is measured while the statements run: what filled a table is not charged for."""

from collections.abc import Callable

import psycopg
import pytest
from pydantic import SecretStr

from advisor.model.database.index_advice import IndexAdvice, WorkloadStatement
from advisor.settings.postgres import PostgresSettings
from advisor.settings.schema import Settings
from advisor.whatif.index.advice import Limits
from advisor.wiring.indexes import advise_on_indexes
from advisor.wiring.looks import Looks
from advisor.wiring.report import build_report
from tests.integration.postgres.watching import run

COLUMNS = {"orders": "buyer", "visits": "page", "notes": "author"}
FILL = tuple(
    statement
    for table, column in COLUMNS.items()
    for statement in (
        f"CREATE TABLE {table} (id bigint PRIMARY KEY, {column} int NOT NULL, body text)",
        f"INSERT INTO {table} SELECT g, g % 20000, repeat('b', 60) FROM generate_series(1, 200000) g",
        f"ANALYZE {table}",
    )
)
READS = tuple(f"SELECT id, body FROM {table} WHERE {column} = {{}}" for table, column in COLUMNS.items())


@pytest.fixture(params=["hypopg_database", "database"], ids=["the distribution's", "18"])
def filled(request: pytest.FixtureRequest) -> str:
    dsn: str = request.getfixturevalue(request.param)
    run(dsn, *FILL)
    return dsn


def reading(dsn: str, *, inserts: int = 0) -> Callable[[float], None]:
    """What the application does between two looks, however long it was to wait."""

    def load(_seconds: float) -> None:
        with psycopg.connect(dsn, autocommit=True) as application:
            for turn in range(12):
                for read in READS:
                    application.execute(read.format(turn).encode())
            if inserts:
                first = "(SELECT max(id) FROM orders)"
                added = f"SELECT {first} + g, g, 'new' FROM generate_series(1, {inserts}) g"
                application.execute(f"INSERT INTO orders {added}".encode())

    return load


def reported(dsn: str, load: Callable[[float], None]) -> set[str]:
    settings = Settings(postgres=PostgresSettings(dsn=SecretStr(dsn)))
    diagnosis = build_report(settings, only_rules=("missing-index",), looks=Looks(seconds=1, wait=load))
    return {str(proposal.proposed) for proposal in diagnosis.proposals}


def advised(dsn: str, load: Callable[[float], None] | None) -> IndexAdvice:
    settings = Settings(postgres=PostgresSettings(dsn=SecretStr(dsn)))
    return advise_on_indexes(settings, None, Limits(), None, None if load is None else Looks(seconds=1, wait=load))


def test_a_table_that_was_filled_before_its_statements_were_counted_gets_its_index_from_both(filled: str) -> None:
    run(filled, "SELECT pg_stat_statements_reset()")
    by_report = reported(filled, reading(filled))
    advice = advised(filled, reading(filled))
    assert {one.design.table: one.design.columns for one in advice.indexes} == {
        table: (column,) for table, column in COLUMNS.items()
    }
    assert by_report == {ddl for one in advice.indexes for ddl in one.ddl}
    assert [one.write_seconds_per_second for one in advice.indexes] == [0, 0, 0]


def test_where_only_inserts_ran_since_the_start_both_give_one_list(filled: str) -> None:
    run(filled, "SELECT pg_stat_reset()", "SELECT pg_stat_statements_reset()")
    load = reading(filled, inserts=400)
    by_report = reported(filled, load)
    advice = advised(filled, load)
    assert {one.design.table for one in advice.indexes} == COLUMNS.keys()
    assert by_report == {ddl for one in advice.indexes for ddl in one.ddl}
    charged = {one.design.table: one.write_seconds_per_second or 0.0 for one in advice.indexes}
    assert charged["orders"] > 0
    assert (charged["visits"], charged["notes"]) == (0, 0)


def test_one_look_does_not_know_what_was_written_when_and_says_so(filled: str) -> None:
    run(filled, "SELECT pg_stat_statements_reset()")
    reading(filled)(0)
    advice = advised(filled, None)
    assert {one.design.table for one in advice.indexes} == COLUMNS.keys()
    assert {one.write_seconds_per_second for one in advice.indexes} == {None}
    assert [note for note in advice.planner_notes if "how much is written" in note]


def test_a_file_shows_what_is_written_and_what_is_assumed_of_it_is_said(filled: str) -> None:
    run(
        filled,
        "ALTER TABLE visits ADD hits int DEFAULT 0",
        "UPDATE visits SET hits = id % 5000",
        "VACUUM ANALYZE visits",
    )
    settings = Settings(postgres=PostgresSettings(dsn=SecretStr(filled)))

    def of_file(*texts: str) -> IndexAdvice:
        statements = [WorkloadStatement(id=str(number), text=text) for number, text in enumerate(texts, 1)]
        return advise_on_indexes(settings, statements, Limits(), None)

    read = "SELECT id FROM visits ORDER BY hits DESC LIMIT 10"
    update = "UPDATE visits SET hits = hits + 1 WHERE id = 7"
    insert = "INSERT INTO notes (id, author, body) VALUES (500000, 7, 'new')"
    assert [one.design.columns for one in of_file(read).indexes] == [("hits",)]
    advice = of_file(read, update, insert)
    assert [one.design.columns for one in advice.indexes] == [("hits",)]
    assert "they lose HOT" in advice.indexes[0].notes[0]
    assert [note for note in advice.planner_notes if note.endswith("to write one row each: statements 2, 3")]
    # Ten thousand times cheaper is ln 10,000 = 9.2. Each update gets an entry in two indexes where it had none: 8 units
    # beside 12, ln (20 / 12) = 0.5, so that 30 of them weigh more.
    assert of_file(read, *[update] * 30).indexes == ()
