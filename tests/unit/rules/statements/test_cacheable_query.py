"""Which answers are worth keeping, and for how long."""

from dataclasses import replace
from typing import Any

import pytest

from advisor.testing.database_states import a_database_state, a_statement, a_table, ask
from advisor_rules.statements.cacheable_query import CACHEABLE_QUERY

HOT: dict[str, Any] = {"calls": 20_000, "mean_seconds": 0.005}  # 20 a second, a tenth of a processor


def test_a_hot_answer_of_a_still_table_is_kept_as_long_as_the_guide_allows() -> None:
    look = a_database_state(a_statement("SELECT * FROM plans", **HOT, rows=100_000), tables=(a_table("plans"),))
    findings, (proposal,) = ask(CACHEABLE_QUERY, look)
    assert proposal.proposed == "keep its answers in the cache for 1h, keyed by its parameters"
    # One answer, asked for 20 x 3,600 times in its life: all but one of 72,000 hit.
    assert findings[0].waste_seconds_per_second == pytest.approx(0.1, rel=0.001)
    assert not proposal.automatic


def test_the_ttl_follows_from_how_often_the_table_changes() -> None:
    # 10 writes in 1,000 s: 0.01 a second. Stale for r ttl / 2 of its life: ttl = 2 x 0.05 / 0.01 = 10 s.
    look = a_database_state(a_statement("SELECT * FROM plans", **HOT), tables=(a_table("plans", rows_updated=10),))
    assert "for 10s," in str(ask(CACHEABLE_QUERY, look)[1][0].proposed)


def test_by_key_only_the_writes_to_its_rows_count() -> None:
    # 1,000 rows, one row an answer, one write a second: each answer changes once in 1,000 s; ttl = 0.1 / 0.001 = 100 s.
    look = a_database_state(
        a_statement("SELECT * FROM users WHERE id = $1", **HOT),
        tables=(a_table("users", rows=1000, rows_updated=1000),),
    )
    findings, (proposal,) = ask(CACHEABLE_QUERY, look)
    assert "for 1m40s," in str(proposal.proposed)
    # 1,000 keys asked for 20 times a second for 100 s: at least 1 - 1,000 / 2,000 hit.
    assert findings[0].evidence[3].value == pytest.approx(0.5)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM plans WHERE until > now()",
        "SELECT * FROM plans WHERE day = current_date",
        "SELECT * FROM plans FOR UPDATE",
        "UPDATE plans SET price = $1",
        "SELECT * FROM a_view",
        "SELECT nextval($1)",
    ],
)
def test_what_cannot_be_kept_is_left_alone(text: str) -> None:
    assert ask(CACHEABLE_QUERY, a_database_state(a_statement(text, **HOT), tables=(a_table("plans"),)))[0] == []


def test_a_seldom_called_a_cheap_and_a_restless_statement_are_left_alone() -> None:
    text, tables = "SELECT * FROM plans", (a_table("plans"),)
    assert (
        ask(CACHEABLE_QUERY, a_database_state(a_statement(text, calls=900, mean_seconds=0.5), tables=tables))[0] == []
    )
    assert (
        ask(CACHEABLE_QUERY, a_database_state(a_statement(text, calls=5000, mean_seconds=0.0001), tables=tables))[0]
        == []
    )
    restless = (replace(tables[0], rows_inserted=5000),)  # 5 a second: 20 ms would be all that is allowed
    assert ask(CACHEABLE_QUERY, a_database_state(a_statement(text, **HOT), tables=restless))[0] == []


def test_a_million_keys_that_seldom_come_back_are_left_alone() -> None:
    look = a_database_state(
        a_statement("SELECT * FROM users WHERE id = $1", **HOT), tables=(a_table("users", rows=1_000_000),)
    )
    assert ask(CACHEABLE_QUERY, look)[0] == []


def test_a_few_seconds_do_not_tell_how_seldom_an_answer_changes() -> None:
    look = a_database_state(a_statement("SELECT * FROM plans", **HOT, rows=100_000), tables=(a_table("plans"),))
    assert ask(CACHEABLE_QUERY, replace(look, window_seconds=59))[0] == []
