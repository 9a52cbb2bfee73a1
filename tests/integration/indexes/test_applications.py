"""How much of what applications send can be planned from the text that pg_stat_statements keeps of it."""

from pathlib import Path

import psycopg
import pytest

from advisor.clients.planning_block import PlanningBlock
from advisor.model.database.index_advice import WorkloadStatement
from advisor.sql.script import statements
from advisor.whatif.index.catalogue.reader import read_relations, read_tables
from advisor.whatif.index.search.ways import ways_of
from advisor.whatif.index.search.workload import read_all

APPLICATIONS = Path(__file__).with_name("applications")
FEWEST = {"tuning": 38, "reporting": 36}
"""Of 38 each: by version 15 two of the half that nothing was tuned by are refused, by 18 one."""


def normalised(connection: psycopg.Connection[tuple[str]], text: str) -> str:
    """What is kept of one statement that ran."""
    connection.execute("SELECT pg_stat_statements_reset()")
    connection.execute(text.encode())
    kept = "SELECT query FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_statements%' AND toplevel"
    row = connection.execute(kept.encode()).fetchone()
    assert row is not None
    return row[0]


def is_planned(connection: psycopg.Connection[tuple[str]], text: str) -> bool:
    relations = read_relations(connection).relations
    read, _ = read_all([WorkloadStatement(id="1", text=text)], relations)
    for one in read:
        for query in ways_of(one, read_tables(connection, one.shape.tables)).in_order:
            try:
                return PlanningBlock(connection).run(query.text).plan is not None
            except psycopg.Error:
                continue
    return False


@pytest.mark.parametrize("server", ["hypopg_database", "database"], ids=["the distribution's", "18"])
def test_hardly_a_statement_of_applications_cannot_be_planned(server: str, request: pytest.FixtureRequest) -> None:
    with psycopg.connect(request.getfixturevalue(server), autocommit=True, prepare_threshold=None) as connection:
        connection.execute((APPLICATIONS / "schema.sql").read_bytes())
        connection.execute("ANALYZE")
        for half, fewest in FEWEST.items():
            texts = statements((APPLICATIONS / f"{half}.sql").read_text())
            kept = [normalised(connection, text) for text in texts]
            assert sum(is_planned(connection, text) for text in kept) >= fewest
