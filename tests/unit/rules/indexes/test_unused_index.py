"""Unused means: not read for long, while reads were counted, by anybody who could have read it."""

import pytest

from advisor.testing.asking import the_finding, the_proposal_of
from advisor.testing.snapshots import a_context, a_snapshot
from advisor_rules.indexes.unused_index import UNUSED_INDEX
from tests.unit.rules.indexes.index_looks import an_existing_index, with_indexes


def test_an_index_nobody_read_for_a_month_is_found_and_its_undo_builds_it_again() -> None:
    snapshot = a_snapshot(databases=[with_indexes(an_existing_index("i", "(a)", scans=0))])
    assert the_finding(UNUSED_INDEX, snapshot, a_context()).subject.name == "i"
    proposal = the_proposal_of(UNUSED_INDEX, snapshot, a_context())
    assert not proposal.automatic
    assert proposal.apply == 'DROP INDEX CONCURRENTLY "public"."i";'
    assert proposal.undo == "CREATE INDEX CONCURRENTLY i ON public.messages USING btree (a);"


def test_one_that_was_read_long_ago_and_never_since_is_found_even_if_it_is_ours() -> None:
    look = with_indexes(an_existing_index("i", "(a)", scans=9, is_ours=True))
    assert the_finding(UNUSED_INDEX, a_snapshot(databases=[look]), a_context()).subject.name == "i"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"idle_seconds": 86_400.0}, id="read a day ago, or counted for a day"),
        pytest.param({"idle_seconds": None}, id="a replica may read it"),
        pytest.param({"is_ours": True}, id="ours, and may be new"),
        pytest.param({"is_unique": True}, id="unique"),
        pytest.param({"backs_constraint": True}, id="a constraint's"),
        pytest.param({"is_replica_identity": True}, id="replica identity"),
        pytest.param({"is_part": True}, id="part of a partitioned index"),
        pytest.param({"is_valid": False}, id="another rule's"),
        pytest.param({"size_bytes": 8192}, id="tiny"),
    ],
)
def test_anything_else_is_left_in_peace(changes: dict[str, object]) -> None:
    look = with_indexes(an_existing_index("i", "(a)", **{"scans": 0, **changes}))
    assert not UNUSED_INDEX.diagnose(a_snapshot(databases=[look]), a_context())
