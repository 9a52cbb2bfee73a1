"""How a statement is named, folded and ranked for people."""

from dataclasses import replace

import pytest

from advisor.model.database.workload import Statement
from advisor.model.report import RankedStatement, StatementRanking
from advisor.surfaces.documents.statement_ranking import ranking_document
from advisor.surfaces.formats.text import to_text
from advisor.surfaces.views.statement import folded, short_sql, statement_view
from advisor.surfaces.views.statement_ranking import ranking_view
from advisor.testing.database_states import a_database_state
from advisor.testing.words import NOON


def a_statement(text: str, *, queryid: str = "1", calls: int = 10, mean_seconds: float = 0.1) -> Statement:
    return Statement(
        queryid=queryid,
        text=text,
        calls=calls,
        total_seconds=calls * mean_seconds,
        mean_seconds=mean_seconds,
        rows=calls,
    )


def ranked(statement: Statement, **changes: object) -> RankedStatement:
    one = RankedStatement(database="main", statement=statement, seconds=10, whole_seconds=2, before_seconds=100)
    return replace(one, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "letters", "short"),
    [
        ("SELECT a\n  FROM t", 40, "SELECT a FROM t"),
        ('SELECT "t"."a", "t"."b", "t"."c", "t"."d" FROM "t" WHERE a = $1', 40, "SELECT … FROM t WHERE a = $1"),
        ("SELECT a FROM t WHERE id IN ($1, $2, $3)", 40, "SELECT a FROM t WHERE id IN (…)"),
        ("SELECT a FROM t WHERE id IN ($1 /*, ... */)", 40, "SELECT a FROM t WHERE id IN (…)"),
        ('SELECT "Total" FROM t', 40, 'SELECT "Total" FROM t'),
        (
            'SELECT "a" FROM "t" WHERE "order" = $1 AND "user" = $2',
            60,
            'SELECT a FROM t WHERE "order" = $1 AND "user" = $2',
        ),
        ('SELECT a FROM "my""schema".t', 40, 'SELECT a FROM "my""schema".t'),
        ("DELETE FROM t WHERE a = $1", 10, "DELETE FR…"),
    ],
)
def test_a_statement_is_told_by_what_it_reads_and_by_what(text: str, letters: int, short: str) -> None:
    assert short_sql(text, letters) == short


def test_lists_of_other_lengths_are_one_shape() -> None:
    look = a_database_state(
        a_statement("SELECT a FROM t WHERE id IN ($1, $2)", queryid="1"),
        a_statement("SELECT a FROM t WHERE id IN ($1, $2, $3)", queryid="2"),
        a_statement("SELECT a FROM t WHERE other = $1", queryid="3"),
    )
    views = [statement_view(one, look, 3.0) for one in look.statements]
    assert [one.queryid for one in folded(views)] == ["1", "3"]
    assert views[0].share == pytest.approx(1 / 3)


def test_the_costliest_statement_comes_first_with_its_share_and_its_trend() -> None:
    heavy = a_statement("SELECT a FROM t WHERE b = $1", queryid="2", mean_seconds=0.15)
    before = a_statement(heavy.text, queryid="2", calls=100, mean_seconds=0.05)
    variants = [
        ranked(a_statement("SELECT a FROM t WHERE id IN ($1, $2)", queryid="3", calls=2)),
        ranked(a_statement("SELECT a FROM t WHERE id IN ($1, $2, $3)", queryid="4", calls=3)),
    ]
    absent = ranked(a_statement("SELECT c FROM u", queryid="5"), is_present=False)
    statements = (*variants, absent, ranked(heavy, before=before, trouble="reads t whole (100%)"))
    view = ranking_view(StatementRanking(taken_at=NOON, sources=(), statements=statements, looked_seconds=10))
    assert [one.queryids for one in view.statements] == [("2",), ("3", "4"), ("5",)]
    first, second, _ = view.statements
    assert first.share == pytest.approx(0.75)  # 1.5 of 2 s
    assert first.trend_ratio == pytest.approx(3)
    assert (second.calls, second.trend_ratio) == (5, None)
    text = to_text(ranking_document(view), wide=False)
    assert "75.0%" in text
    assert "3x slower" in text
    assert "reads t whole (100%)" in text
    assert "not now" in text


def test_where_nothing_ran_between_the_looks_no_trend_is_told_of() -> None:
    absent = ranked(a_statement("SELECT c FROM u"), is_present=False, before_seconds=0)
    view = ranking_view(StatementRanking(taken_at=NOON, sources=(), statements=(absent,), looked_seconds=10))
    (line,) = [line for line in to_text(ranking_document(view), wide=False).splitlines() if "between two looks" in line]
    assert "trend" not in line
    assert "the last 1 did not run between them" in line
