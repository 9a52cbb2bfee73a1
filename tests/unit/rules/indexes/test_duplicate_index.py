"""Of two indexes that do the same work the one that nothing hangs on may go."""

from advisor.model.database.workload import Index
from advisor.testing.snapshots import a_context, a_snapshot
from advisor_rules.indexes.duplicate_index import DUPLICATE_INDEX
from tests.unit.rules.indexes.index_looks import an_existing_index, with_indexes


def may_go(*indexes: Index) -> list[str]:
    found = DUPLICATE_INDEX.diagnose(a_snapshot(databases=[with_indexes(*indexes)]), a_context())
    return [finding.subject.name for finding in found]


def test_of_two_equal_ones_only_one_goes() -> None:
    assert may_go(an_existing_index("a", "(x)"), an_existing_index("b", "(x)")) == ["b"]


def test_the_one_of_a_constraint_stays_whatever_its_name() -> None:
    assert may_go(an_existing_index("a", "(x)"), an_existing_index("b", "(x)", backs_constraint=True)) == ["a"]


def test_the_beginning_of_another_goes() -> None:
    assert may_go(an_existing_index("a", "(x)"), an_existing_index("b", "(x, y)")) == ["a"]


def test_order_predicates_and_invalid_indexes_make_a_difference() -> None:
    one = an_existing_index("a", "(x)")
    assert may_go(one, an_existing_index("b", "(x DESC, y)")) == []
    assert may_go(one, an_existing_index("b", "(x, y) WHERE (z = 1)")) == []
    assert may_go(one, an_existing_index("b", "(y, x)")) == []
    assert may_go(one, an_existing_index("b", "(x)", is_valid=False)) == []
    assert may_go(one, an_existing_index("b", "(x)", table="other")) == []


def test_an_own_index_is_not_what_stays() -> None:
    assert may_go(an_existing_index("adv_messages_x", "(x)"), an_existing_index("z", "(x)")) == ["adv_messages_x"]
