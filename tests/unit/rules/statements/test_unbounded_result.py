"""Answers that grow with the table, and pages that get slower with depth."""

import pytest

from advisor.model.database.workload import LoggedStatement, Statement
from advisor.sql.statement_facts import fingerprint
from advisor.testing.database_states import a_database_state, a_statement, ask
from advisor.testing.snapshots import an_index
from advisor.testing.words import NOON
from advisor_rules.statements.unbounded_result import UNBOUNDED_RESULT

LIST = "SELECT * FROM messages WHERE conversation = $1"
PAGE = "SELECT * FROM messages ORDER BY created_at DESC LIMIT $1 OFFSET $2"


def test_thousands_of_rows_without_a_limit_are_found() -> None:
    # 100 calls of 50 ms and 4,000 rows in 1,000 s; three quarters of the rows are beyond the 1,000 allowed.
    findings, (proposal,) = ask(
        UNBOUNDED_RESULT, a_database_state(a_statement(LIST, calls=100, mean_seconds=0.05, rows=400_000))
    )
    assert findings[0].evidence[0].value == 4000
    assert findings[0].waste_seconds_per_second == pytest.approx(0.005 * 0.75)
    assert "return pages by key" in str(proposal.proposed)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (LIST, 900_000),  # 900 a call
        (LIST + " LIMIT $2", 4_000_000),
        ("SELECT count(*) FROM messages", 4_000_000),
        ("UPDATE messages SET role = $1", 4_000_000),
        ("SELECT * FROM messages FOR UPDATE", 4_000_000),
        ("SELECT generate_series(1, $1)", 4_000_000),
    ],
)
def test_a_bounded_answer_and_what_is_no_read_are_left_alone(text: str, rows: int) -> None:
    assert ask(UNBOUNDED_RESULT, a_database_state(a_statement(text, rows=rows)))[0] == []


def deep(text: str = PAGE) -> Statement:
    """900 blocks a call for 20 rows."""
    return a_statement(text, calls=10, rows=200, shared_blocks_hit=9_000, mean_seconds=0.1)


IN_ORDER = an_index("created_at")
PRIMARY = an_index("key", "part", is_unique=True, backs_constraint=True)


def test_a_deep_offset_reads_much_for_little() -> None:
    findings, (proposal,) = ask(UNBOUNDED_RESULT, a_database_state(deep(), indexes=(IN_ORDER, PRIMARY)))
    assert findings[0].evidence[0].value == 900  # 9,000 / 10
    assert str(proposal.proposed).endswith(
        "SELECT * FROM messages WHERE (created_at, key, part) < ($1, $2, $3)"
        " ORDER BY created_at DESC, key DESC, part DESC LIMIT $4"
    )


def test_without_a_key_in_the_catalogue_the_way_is_told_in_words() -> None:
    _, (proposal,) = ask(UNBOUNDED_RESULT, a_database_state(deep(), indexes=(IN_ORDER,)))
    assert "sort by a key that no two rows share" in str(proposal.proposed)


def test_what_must_be_searched_and_sorted_first_costs_as_much_on_every_page() -> None:
    assert ask(UNBOUNDED_RESULT, a_database_state(deep()))[0] == []
    by_conversation = deep(PAGE.replace(" ORDER", " WHERE conversation = $3 ORDER"))
    assert ask(UNBOUNDED_RESULT, a_database_state(by_conversation, indexes=(IN_ORDER,)))[0] == []
    both = an_index("conversation", "created_at")
    assert ask(UNBOUNDED_RESULT, a_database_state(by_conversation, indexes=(both,)))[0]


@pytest.mark.parametrize(("offset", "count"), [(0, 0), (5000, 1)])
def test_the_slow_log_tells_how_deep_a_page_is(offset: int, count: int) -> None:
    text = PAGE.replace("$1", "20").replace("$2", str(offset))
    logged = LoggedStatement(
        fingerprint=fingerprint(PAGE), text=text, count=3, total_seconds=1.0, longest_seconds=0.4, last_at=NOON
    )
    look = a_database_state(deep(), indexes=(IN_ORDER,), logged=(logged,))
    assert len(ask(UNBOUNDED_RESULT, look)[0]) == count


@pytest.mark.parametrize(("text", "blocks"), [(PAGE, 100), (PAGE.removesuffix(" OFFSET $2"), 9_000)])
def test_first_pages_and_pages_by_key_are_left_alone(text: str, blocks: int) -> None:
    statement = a_statement(text, calls=10, rows=200, shared_blocks_hit=blocks)
    assert ask(UNBOUNDED_RESULT, a_database_state(statement))[0] == []
