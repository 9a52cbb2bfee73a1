"""The ranked statements of a real server: what their plans say, and where there is none."""

import psycopg
import pytest

from advisor.settings.schema import Settings
from advisor.surfaces.documents.statement_ranking import ranking_document
from advisor.surfaces.views.statement_ranking import ranking_view
from advisor.wiring.looks import Looks
from advisor.wiring.statements import rank_statements


@pytest.mark.servers
def test_a_statement_that_was_not_planned_is_not_shown_as_one_without_trouble(database: str) -> None:
    """Of 25 statements the 20 that cost most are planned; those that came cheaper may read as much."""
    with psycopg.connect(database, autocommit=True) as connection:
        columns = ", ".join(f"i % 900 AS c{number}" for number in range(25))
        connection.execute(f"CREATE TABLE items AS SELECT {columns} FROM generate_series(1, 5000) i")
        for number in range(25):
            for _ in range(25 - number):  # the first costs most
                connection.execute(f"SELECT c0 FROM items WHERE c{number} = 7")
    ranking = rank_statements(Settings.model_validate({"postgres": {"dsn": database}}), Looks())
    asked = [one for one in ranking.statements if one.statement.text.startswith("SELECT c0")]
    assert len(asked) == 25
    left_out = [one for one in asked if one.no_plan]
    assert len(left_out) >= 5
    assert {one.no_plan for one in left_out} == {"only the 20 that cost most are planned"}
    table = ranking_document(ranking_view(ranking)).sections[0].table
    assert table is not None
    plans = [row[table.columns.index("Plan")] for row in table.rows if "SELECT c0" in row[table.columns.index("Text")]]
    assert plans.count("not planned") == len(left_out)
