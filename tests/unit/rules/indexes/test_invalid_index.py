"""What a failed build left behind is found; what is still being built is not."""

from advisor.testing.asking import the_proposal_of
from advisor.testing.snapshots import a_context, a_snapshot
from advisor_rules.indexes.invalid_index import INVALID_INDEX
from tests.unit.rules.indexes.index_looks import an_existing_index, with_indexes


def test_an_invalid_index_may_go() -> None:
    snapshot = a_snapshot(databases=[with_indexes(an_existing_index("i", "(a)", is_valid=False))])
    assert the_proposal_of(INVALID_INDEX, snapshot, a_context()).apply == 'DROP INDEX CONCURRENTLY "public"."i";'


def test_valid_ones_and_builds_under_way_are_left_alone() -> None:
    for changes in ({}, {"is_valid": False, "is_being_built": True}, {"is_valid": False, "is_part": True}):
        look = with_indexes(an_existing_index("i", "(a)", **changes))
        assert not INVALID_INDEX.diagnose(a_snapshot(databases=[look]), a_context())
