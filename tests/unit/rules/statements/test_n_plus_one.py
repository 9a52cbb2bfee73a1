"""A loop over rows, told from the shapes of two statements and from how often they are called."""

from dataclasses import replace

import pytest

from advisor.model.database.maintenance import ForeignKey
from advisor.testing.database_states import a_database_state, a_statement, ask
from advisor_rules.statements.n_plus_one import N_PLUS_ONE

KEY = ForeignKey(
    schema="public",
    table="conversations",
    columns=("user_id",),
    referenced_schema="public",
    referenced_table="users",
    referenced_columns=("id",),
)
# 100 calls that return 20 users each, then one look-up for every user: 2,000 calls.
PARENT = a_statement("SELECT * FROM users LIMIT $1", calls=100, rows=2000)
CHILD = a_statement("SELECT * FROM conversations WHERE user_id = $1", calls=2000, rows=6000)
LOOK = a_database_state(PARENT, CHILD, foreign_keys=(KEY,))


def test_the_children_of_every_row_are_looked_up_one_by_one() -> None:
    findings, (proposal,) = ask(N_PLUS_ONE, LOOK)
    (finding,) = findings
    assert finding.subject.name == CHILD.queryid
    assert finding.evidence[0].value == 20
    # 2,000 x 1 ms in 1,000 s is 0.002 a second; one call in 20 would be left.
    assert finding.waste_seconds_per_second == pytest.approx(0.002 * 0.95)
    assert "selectinload" in str(proposal.proposed)
    assert not proposal.automatic


def test_the_parent_of_every_row_is_looked_up_one_by_one() -> None:
    parent = a_statement("SELECT * FROM conversations ORDER BY id LIMIT $1", calls=100, rows=2000)
    child = a_statement("SELECT id, name FROM users WHERE id = $1", calls=1500, rows=1500)  # some were known already
    findings, _ = ask(N_PLUS_ONE, a_database_state(parent, child, foreign_keys=(KEY,)))
    assert [finding.subject.name for finding in findings] == [child.queryid]


@pytest.mark.parametrize(
    "child",
    [
        replace(CHILD, calls=100),  # once for each list, not for each row
        replace(CHILD, calls=9000),  # far more often than there are rows: called on its own
        replace(CHILD, text="SELECT * FROM conversations WHERE title = $1"),  # by no foreign key
        replace(CHILD, text="UPDATE conversations SET title = $2 WHERE user_id = $1"),
        replace(CHILD, text="SELECT * FROM conversations c JOIN users u ON u.id = c.user_id WHERE c.user_id = $1"),
    ],
)
def test_other_statements_are_no_loop(child: object) -> None:
    assert ask(N_PLUS_ONE, replace(LOOK, statements=(PARENT, child)))[0] == []


def test_without_a_foreign_key_nothing_is_said() -> None:
    assert ask(N_PLUS_ONE, replace(LOOK, foreign_keys=()))[0] == []


def test_a_parent_of_single_rows_is_no_list() -> None:
    parent = replace(PARENT, text="SELECT * FROM users WHERE id = $1", calls=2000)
    assert ask(N_PLUS_ONE, replace(LOOK, statements=(parent, CHILD)))[0] == []
