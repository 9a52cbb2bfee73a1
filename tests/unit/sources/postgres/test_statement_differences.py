"""What a statement did between two looks: resets, entries left out, entries that began in between."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from advisor.model.database.workload import Index
from advisor.sources.postgres.look import (
    LookHistory,
    RawLook,
    RawStatement,
    index_scan_differences,
    statement_differences,
)
from advisor.sources.postgres.skipped import SkippedReader

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def an_entry(**changes: Any) -> RawStatement:
    """Ten calls of 100 ms each, with no deviation: the squares are 10 x 0.01 = 0.1."""
    entry = RawStatement(
        text="SELECT 1", calls=10, total_seconds=1.0, rows=10, blocks_hit=0, blocks_read=0, squared_seconds=0.1
    )
    return replace(entry, **changes)


def a_database_state(minute: int, **changes: Any) -> RawLook:
    look = RawLook(
        at=NOON + timedelta(minutes=minute),
        since_reset_seconds=3600,
        server_version=180000,
        is_in_recovery=False,
        max_connections=100,
        reserved_connections=3,
        statements={"7": an_entry()},
    )
    return replace(look, **changes)


def test_the_variance_of_the_window_follows_from_the_sums_of_squares() -> None:
    # In the window two calls of 0.1 s and 0.3 s: 0.4 s, squares 0.01 + 0.09 = 0.1; mean 0.2, variance 0.05 - 0.04.
    later = a_database_state(5, statements={"7": an_entry(calls=12, total_seconds=1.4, squared_seconds=0.2)})
    (seen,) = statement_differences(later, a_database_state(0))
    assert seen.calls == 2
    assert seen.mean_seconds == pytest.approx(0.2)
    assert seen.stddev_seconds == pytest.approx(0.1)


def test_a_fallen_count_is_a_reset_of_its_own() -> None:
    later = a_database_state(5, statements={"7": an_entry(calls=4, total_seconds=0.2), "8": an_entry(calls=11)})
    earlier = a_database_state(0, statements={"7": an_entry(), "8": an_entry()})
    assert {seen.queryid: seen.calls for seen in statement_differences(later, earlier)} == {"7": 4, "8": 1}


@pytest.mark.parametrize(
    "less", [{"blocks_hit": 480}, {"total_seconds": 0.4}, {"rows": 9}, {"blocks_read": 2}, {"temp_blocks": 0}]
)
def test_more_calls_than_ever_with_less_of_anything_else_are_a_reset_too(less: dict[str, Any]) -> None:
    """40 calls since the reset, before it 10; up to version 16 nothing else tells that an entry was made anew."""
    earlier = a_database_state(0, statements={"7": an_entry(blocks_hit=50_000, blocks_read=10, temp_blocks=4)})
    more = an_entry(calls=40, total_seconds=4.0, rows=40, blocks_hit=60_000, blocks_read=20, temp_blocks=8)
    later = a_database_state(5, statements={"7": replace(more, **less)})
    (seen,) = statement_differences(later, earlier)
    assert seen.calls == 40
    assert seen.shared_blocks_hit == less.get("blocks_hit", 60_000)


def test_an_entry_that_began_after_the_earlier_look_counts_whole() -> None:
    later = a_database_state(5, statements={"7": an_entry(calls=12, since=NOON + timedelta(minutes=2))})
    earlier = a_database_state(0, statements={"7": an_entry(calls=10, since=NOON - timedelta(days=1))})
    assert statement_differences(later, earlier)[0].calls == 12


def test_an_entry_that_the_list_missed_counts_whole_when_the_server_says_that_it_is_new() -> None:
    """By the server's clock, an hour ahead of ours here."""
    ahead = NOON + timedelta(hours=1)
    new = an_entry(calls=4, since=ahead + timedelta(minutes=3))
    old = an_entry(calls=4, since=ahead - timedelta(minutes=3))
    earlier = a_database_state(0, has_all_statements=False, server_at=ahead)
    later = a_database_state(5, statements={"7": an_entry(), "8": new, "9": old})
    assert [seen.queryid for seen in statement_differences(later, earlier)] == ["8"]


def test_an_entry_that_the_earlier_look_left_out_is_not_judged() -> None:
    """Its total may be years old."""
    later = a_database_state(5, statements={"7": an_entry(), "8": an_entry(calls=1_000_000)})
    assert statement_differences(later, a_database_state(0, has_all_statements=False)) == ()
    whole = statement_differences(later, a_database_state(0))
    assert [seen.calls for seen in whole] == [1_000_000]


def test_the_same_statement_of_two_roles_is_one() -> None:
    both = {"7/10": an_entry(queryid="7"), "7/20": an_entry(queryid="7", calls=30, total_seconds=1.0)}
    (seen,) = statement_differences(a_database_state(0, statements=both), None)
    assert (seen.queryid, seen.calls) == ("7", 40)
    assert seen.mean_seconds == pytest.approx(2.0 / 40)


def test_hours_of_looks_share_what_does_not_change() -> None:
    history = LookHistory()
    for minute in range(3):
        history.add(a_database_state(minute, statements={"7": an_entry(), "8": an_entry(calls=minute)}))
    looks = history.between(NOON, NOON + timedelta(hours=1))
    assert len({id(look.statements["7"]) for look in looks}) == 1
    assert [look.statements["8"].calls for look in looks] == [0, 1, 2]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SELECT a FROM t WHERE b = $1 AND", "cut short"),
        ("SELECT a FROM t WHERE b = 'abc", "cut short"),
        ("BEGIN", "is not planned"),
        ("VACUUM t", "is not planned"),
        ("SELEC 1", "does not parse"),
        ("SELECT 1; SELECT 2", "2 statements"),
    ],
)
def test_a_statement_that_cannot_be_judged_says_why(text: str, reason: str) -> None:
    statements = statement_differences(a_database_state(0, statements={"7": an_entry(text=text)}), None)
    (skipped,) = SkippedReader().among(statements)
    assert reason in skipped.reason


def test_a_readable_statement_is_not_skipped() -> None:
    assert SkippedReader().among(statement_differences(a_database_state(0), None)) == ()


def an_index(name: str, scans: int) -> Index:
    return Index(
        schema="public",
        table="orders",
        name=name,
        definition="",
        columns=("id",),
        size_bytes=1,
        scans=scans,
        is_valid=True,
        is_unique=False,
        backs_constraint=False,
    )


def test_of_an_index_whose_counter_fell_nothing_is_claimed() -> None:
    earlier = a_database_state(0, indexes=(an_index("kept", 10), an_index("reset", 10)))
    later = a_database_state(5, indexes=(an_index("kept", 14), an_index("reset", 3), an_index("new", 5)))
    assert index_scan_differences(later, earlier) == {"public.kept": 4, "public.new": 5}
