"""Advice on statements whose constants are not on record says which of its indexes rest on the ones that were drawn."""

from typing import Any, cast

import psycopg
import pytest
from pydantic import SecretStr

from advisor.model.database.index_advice import DrawnConstants, IndexAdvice
from advisor.settings.postgres import PostgresSettings
from advisor.settings.schema import Settings
from advisor.surfaces.documents.index import index_document
from advisor.surfaces.formats.text import to_text
from advisor.whatif.index.advice import Limits
from advisor.wiring.indexes import advise_on_indexes

SCHEMA = (
    "CREATE TABLE entry (id int, at int, owner int, state text, body text)",
    # 50,000 rows in order of time; 5,000 owners; half of the rows are new, the rest of 10 states as many each.
    "INSERT INTO entry SELECT n, n, n * 7919 % 5000, CASE WHEN n % 2 = 0 THEN 'new' ELSE 's' || n / 2 % 10 END,"
    " repeat(md5(n::text), 4) FROM generate_series(1, 50000) n",
    "VACUUM (ANALYZE) entry",
)


@pytest.fixture(params=["hypopg_database", "database"], ids=["the distribution's", "18"])
def loaded(request: pytest.FixtureRequest) -> str:
    dsn: str = request.getfixturevalue(request.param)
    with psycopg.connect(dsn, autocommit=True) as owner:
        for statement in SCHEMA:
            owner.execute(statement.encode())
        owner.execute("SELECT pg_stat_reset()")
    return dsn


def after_running(dsn: str, *statements: str) -> IndexAdvice:
    with psycopg.connect(dsn, autocommit=True) as application:
        for statement in statements * 3:
            application.execute(statement.encode())
    return advise_on_indexes(Settings(postgres=PostgresSettings(dsn=SecretStr(dsn))), None, Limits(), None)


def by_column(advice: IndexAdvice) -> dict[str, tuple[DrawnConstants, ...]]:
    return {one.design.columns[0]: one.rests_on for one in advice.indexes}


def test_a_range_of_unknown_width_is_said_to_decide_and_a_key_is_not(loaded: str) -> None:
    advice = after_running(
        loaded,
        "SELECT sum(length(body)) FROM entry WHERE at > 49000",
        "SELECT sum(length(body)) FROM entry WHERE owner = 77",
    )
    found = by_column(advice)
    assert set(found) == {"at", "owner"}
    assert found["owner"] == ()  # every owner has ten rows, whichever is meant
    (drawn,) = found["at"]  # were it nine tenths of all rows, the table would be read whole
    assert drawn.conditions == ("public.entry.at >",)
    assert drawn.otherwise == ("more rows meet them",)
    assert next(one.text for one in advice.statements if one.id == drawn.statement).endswith("WHERE at > $1")


def test_it_is_said_in_text_and_in_json_alike(loaded: str) -> None:
    advice = after_running(loaded, "SELECT sum(length(body)) FROM entry WHERE at > 49000")
    document = index_document(advice)
    (statement,) = {one.statement for index in advice.indexes for one in index.rests_on}
    said = f"constants of statement {statement} (public.entry.at >): not chosen if more rows meet them"
    assert said in " ".join(to_text(document, wide=True).split())
    (index,) = cast(Any, document.data["indexes"])
    assert index["rests_on"] == [
        {"statement": statement, "conditions": ["public.entry.at >"], "otherwise": ["more rows meet them"]}
    ]
    assert index["queries"][0]["drawn"] == ["public.entry.at >"]


def test_nothing_is_said_where_the_rows_of_a_call_tell_the_constants(loaded: str) -> None:
    """500 rows a call are a hundredth of the table: neither a tenth nor nine tenths of it."""
    advice = after_running(loaded, "SELECT body FROM entry WHERE at > 49500")
    assert by_column(advice) == {"at": ()}


def test_no_index_is_advised_where_the_rows_of_a_call_are_most_of_the_table(loaded: str) -> None:
    advice = after_running(loaded, "SELECT body FROM entry WHERE at > 2000")
    assert by_column(advice) == {}
    assert advice.other == ()


def test_the_order_of_the_statements_changes_nothing(loaded: str) -> None:
    texts = ("SELECT id FROM entry WHERE owner = 5 ORDER BY at LIMIT 10", "SELECT at, id FROM entry WHERE owner = 9")
    first = after_running(loaded, *texts)
    with psycopg.connect(loaded, autocommit=True) as owner:
        owner.execute("SELECT pg_stat_statements_reset()")
    second = after_running(loaded, *reversed(texts))
    assert [one.design for one in first.indexes] == [one.design for one in second.indexes]
