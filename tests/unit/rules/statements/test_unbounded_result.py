"""Answers that grow with the table, and pages that get slower with depth."""

import pytest

from advisor.testing.database_states import a_database_state, a_statement, ask
from advisor_rules.statements.unbounded_result import UNBOUNDED_RESULT, keyset

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


def test_a_deep_offset_reads_much_for_little() -> None:
    deep = a_statement(PAGE, calls=10, rows=200, shared_blocks_hit=9_000, mean_seconds=0.1)
    findings, (proposal,) = ask(UNBOUNDED_RESULT, a_database_state(deep))
    assert findings[0].evidence[0].value == 900  # 9,000 / 10
    assert "WHERE (created_at, id) > ($last_created_at, $last_id)" in str(proposal.proposed)


@pytest.mark.parametrize(("text", "blocks"), [(PAGE, 100), (PAGE.removesuffix(" OFFSET $2"), 9_000)])
def test_first_pages_and_pages_by_key_are_left_alone(text: str, blocks: int) -> None:
    statement = a_statement(text, calls=10, rows=200, shared_blocks_hit=blocks)
    assert ask(UNBOUNDED_RESULT, a_database_state(statement))[0] == []


def test_a_key_ends_with_a_unique_column() -> None:
    assert keyset(()).startswith("WHERE (id) > ($last_id) ORDER BY id LIMIT 20")
    assert "ORDER BY title, id" in keyset(["title"])
