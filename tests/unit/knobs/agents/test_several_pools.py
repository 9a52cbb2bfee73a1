"""The knob of one of several pools: the right name on the board, the right live value, and never the other pool's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from advisor.knobs.agents.board import Entry, from_wire, to_wire
from advisor.knobs.agents.knob import AgentBoardKnob
from advisor.knobs.agents.status import InstanceValue
from advisor.model.errors import KnobBusyError, SourceUnavailableError
from advisor.model.knob import KnobState, Order, knob_target
from advisor.testing.clock import FakeClock

PLAIN, PREFIXED = "db.pool_size", "reports/db.pool_size"


@dataclass
class MemoryBoard:
    entries: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return "memory"

    def read(self, app: str, knob: str) -> str | None:
        return self.entries.get(knob)

    def swap(self, app: str, knob: str, *, seen: str | None, wanted: str) -> bool:
        assert self.entries.get(knob) == seen
        self.entries[knob] = wanted
        return True

    def check_writable(self, app: str) -> None:
        """It is."""


@dataclass
class Shown:
    """Live values by knob and instance; which pool an instance says that a knob moves. `is_away`: nothing answers."""

    live: dict[str, dict[str, float]]
    said: dict[str, dict[str, str]] = field(default_factory=dict)
    is_away: bool = False

    def values(self, app: str, knob: str) -> Sequence[InstanceValue]:
        if self.is_away:
            raise SourceUnavailableError("does not answer", where="prometheus")
        return [
            InstanceValue(instance=instance, value=value, change="", age_seconds=0)
            for instance, value in self.live.get(knob, {}).items()
        ]

    def pools(self, app: str, knob: str) -> Mapping[str, str]:
        return self.said.get(knob, {})


def the_two(**changes: dict[str, dict[str, str]]) -> Shown:
    """Two processes; `main` was declared first and has 2, `reports` has 20."""
    live = {PLAIN: {"a": 2.0, "b": 2.0}, PREFIXED: {"a": 20.0, "b": 20.0}}
    said = {PLAIN: {"a": "main", "b": "main"}, PREFIXED: {"a": "reports", "b": "reports"}}
    return Shown(live=live, said=changes.get("said", said))


def an_order(pool: str, old: float, new: float) -> Order:
    subject = {"app": "two", "pool": pool} if pool else {"app": "two"}
    return Order(change_id=f"chg_{pool}", target=knob_target("db.pool_size", **subject), old=old, new=new, epoch=1)


def a_knob(board: MemoryBoard, shown: Shown) -> AgentBoardKnob:
    return AgentBoardKnob({"two": board}, shown, FakeClock())


@pytest.mark.parametrize(
    ("order", "name"),
    [(an_order("main", 2, 8), PLAIN), (an_order("reports", 20, 5), PREFIXED), (an_order("", 2, 8), PLAIN)],
    ids=["the first pool", "a further pool", "a journal of a time with one pool"],
)
def test_the_pool_that_is_meant_is_read_and_moved(order: Order, name: str) -> None:
    board = MemoryBoard()
    knob = a_knob(board, the_two())
    assert knob.inspect(order).kind is KnobState.OLD
    assert knob.inspect(order).live == order.old
    knob.apply(order)
    assert set(board.entries) == {name}
    assert knob.inspect(order).kind is KnobState.PENDING
    assert knob.inspect(order).detail == "0 of 2 processes show the new value, 2 the old one"


def test_the_others_live_value_is_nobodys_old_value() -> None:
    """What was proposed for the pool of 20 is refused by the pool of 2."""
    knob = a_knob(MemoryBoard(), the_two())
    assert knob.inspect(an_order("main", 20, 5)).kind is KnobState.FOREIGN


def test_a_further_pool_that_was_declared_first_has_the_plain_name() -> None:
    shown = Shown(
        live={PLAIN: {"a": 20.0}, "main/db.pool_size": {"a": 2.0}},
        said={PLAIN: {"a": "reports"}, "main/db.pool_size": {"a": "main"}},
    )
    board = MemoryBoard()
    a_knob(board, shown).apply(an_order("reports", 20, 5))
    a_knob(board, shown).apply(an_order("main", 2, 8))
    assert set(board.entries) == {PLAIN, "main/db.pool_size"}
    assert from_wire(board.entries[PLAIN]).value == 5


def test_a_name_that_moves_different_pools_in_different_processes_is_never_written() -> None:
    shown = the_two(said={PLAIN: {"a": "main", "b": "reports"}})
    board = MemoryBoard()
    status = a_knob(board, shown).inspect(an_order("main", 2, 8))
    assert status.kind is KnobState.UNKNOWN
    assert status.detail.startswith("the knob db.pool_size moves the pool reports in some processes or all")
    with pytest.raises(KnobBusyError, match="declare the pools in one order"):
        a_knob(board, shown).apply(an_order("main", 2, 8))
    assert not board.entries


def test_agents_that_do_not_say_give_the_plain_name_to_the_pool_without_a_name() -> None:
    former = the_two(said={})
    assert a_knob(MemoryBoard(), former).inspect(an_order("main", 2, 8)).kind is KnobState.OLD
    assert a_knob(MemoryBoard(), former).inspect(an_order("reports", 20, 5)).kind is KnobState.OLD
    former.live.pop(PREFIXED)  # then it is not known whose the plain one is
    assert a_knob(MemoryBoard(), former).inspect(an_order("reports", 2, 5)).kind is KnobState.UNKNOWN


@pytest.mark.parametrize(("pool", "name"), [("main", PLAIN), ("reports", PREFIXED)])
def test_what_we_wrote_is_taken_back_while_prometheus_is_away(pool: str, name: str) -> None:
    shown, order = the_two(), an_order(pool, 2 if pool == "main" else 20, 8)
    board = MemoryBoard()
    a_knob(board, shown).apply(order)
    shown.is_away = True
    a_knob(board, shown).restore(order)
    entry = from_wire(board.entries[name])
    assert (entry.value, entry.change) == (order.old, f"chg_{pool}")


def test_a_kept_value_of_a_time_with_one_pool_is_taken_for_the_old_value() -> None:
    board = MemoryBoard({PLAIN: to_wire(Entry(value=2, previous=4, change="chg_before", epoch=1))})
    knob = a_knob(board, the_two())
    assert knob.inspect(an_order("main", 2, 8)).kind is KnobState.OLD
    knob.apply(an_order("main", 2, 8))
    assert from_wire(board.entries[PLAIN]).value == 8
