"""What only a knob on a board can get wrong: writers in between, entries nobody can read, values that are none."""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from advisor.knobs.agents.board import Board, Entry, from_wire, to_wire
from advisor.model.errors import AdvisorError, KnobBusyError, KnobError
from advisor.model.knob import KnobState, Order, knob_target
from tests.contract.knobs.benches import AgentBench

KNOB = "db.pool_size"


class Interrupted:
    """A board on which somebody comes in between the look and the write, `times` times."""

    def __init__(self, board: Board, rival: Callable[[int], None], *, times: int = 1) -> None:
        self._board = board
        self._rival = rival
        self._times = times

    @property
    def name(self) -> str:
        return self._board.name

    def read(self, app: str, knob: str) -> str | None:
        return self._board.read(app, knob)

    def swap(self, app: str, knob: str, *, seen: str | None, wanted: str) -> bool:
        if self._times:
            self._times -= 1
            self._rival(self._times)
        return self._board.swap(app, knob, seen=seen, wanted=wanted)


def put(bench: AgentBench, entry: Entry | str) -> str:
    text = entry if isinstance(entry, str) else to_wire(entry)
    assert bench.board.swap("shop", KNOB, seen=bench.board.read("shop", KNOB), wanted=text)
    written = bench.board.read("shop", KNOB)
    assert written is not None
    return written


def test_a_rival_who_writes_between_look_and_write_is_not_overwritten(agents: AgentBench) -> None:
    rival = Entry(value=40, previous=40, change="by-hand", epoch=1)
    knob = agents.over(Interrupted(agents.board, lambda _: (put(agents, rival), None)[1]))
    with pytest.raises(KnobError, match="'by-hand' came in between"):
        knob.apply(agents.wanted.order())
    agents.show()
    assert agents.live() == [40, 40, 40]


def test_a_restore_that_meets_a_rival_leaves_the_rivals_value(agents: AgentBench) -> None:
    agents.knob.apply(agents.wanted.order())
    agents.show()
    rival = Entry(value=40, previous=12, change="by-hand", epoch=1)
    knob = agents.over(Interrupted(agents.board, lambda _: (put(agents, rival), None)[1]))
    knob.restore(agents.wanted.order())
    agents.show()
    assert agents.live() == [40, 40, 40]


def test_a_rival_who_only_confirms_the_old_value_does_not_stop_us(agents: AgentBench) -> None:
    harmless = Entry(value=5, previous=5, change="before", epoch=1)
    knob = agents.over(Interrupted(agents.board, lambda _: (put(agents, harmless), None)[1]))
    knob.apply(agents.wanted.order())
    agents.show()
    assert agents.live() == [12, 12, 12]


def test_a_board_on_which_others_never_stop_writing_is_busy(agents: AgentBench) -> None:
    def scribble(left: int) -> None:
        put(agents, Entry(value=5, previous=5, change=f"before-{left}", epoch=1))

    knob = agents.over(Interrupted(agents.board, scribble, times=100))
    with pytest.raises(KnobBusyError, match="others keep writing"):
        knob.apply(agents.wanted.order())


def test_of_two_daemons_that_write_at_once_one_wins_and_the_other_is_told(agents: AgentBench) -> None:
    together = Barrier(2)

    def write(change: str) -> str:
        knob = agents.restarted()
        together.wait(timeout=10)
        try:
            knob.apply(agents.wanted.order(change))
        except KnobError as error:
            return str(error)
        return "written"

    with ThreadPoolExecutor(2) as threads:
        ends = dict(zip(("chg_a", "chg_b"), threads.map(write, ("chg_a", "chg_b")), strict=True))
    [winner] = [change for change, end in ends.items() if end == "written"]
    text = agents.board.read("shop", KNOB)
    assert text is not None
    assert from_wire(text).change == winner


@pytest.mark.parametrize("text", ['{"v": 2}', '"words"', "[1, 2]", "7"])
def test_an_entry_nobody_can_read_is_never_written_over(agents: AgentBench, text: str) -> None:
    written = put(agents, text)
    assert agents.knob.inspect(agents.wanted.order()).kind is KnobState.FOREIGN
    with pytest.raises(KnobError, match="cannot be read"):
        agents.knob.apply(agents.wanted.order())
    agents.knob.restore(agents.wanted.order())
    assert agents.board.read("shop", KNOB) == written


def test_our_own_entry_that_was_edited_by_hand_is_somebody_elses(agents: AgentBench) -> None:
    agents.knob.apply(agents.wanted.order())
    put(agents, Entry(value=30, previous=5, change="chg_a", epoch=1))
    agents.show()
    assert agents.knob.inspect(agents.wanted.order()).kind is KnobState.FOREIGN
    agents.knob.restore(agents.wanted.order())
    agents.show()
    assert agents.live() == [30, 30, 30]


def test_a_flushed_board_changes_nothing_and_the_old_value_still_comes_back(agents: AgentBench) -> None:
    """The agents keep what they have; the daemon still knows it by the change they show."""
    agents.knob.apply(agents.wanted.order())
    agents.show()
    agents.wipe()
    agents.show()
    assert agents.live() == [12, 12, 12]
    assert agents.knob.inspect(agents.wanted.order()).kind is KnobState.NEW
    agents.knob.restore(agents.wanted.order())
    agents.show()
    assert agents.live() == [5, 5, 5]


def test_a_canary_is_in_force_when_its_cohort_has_the_value_and_is_widened_by_a_renewal(agents: AgentBench) -> None:
    """shop-0, shop-1 and shop-2 stand at 0.940, 0.473 and 0.687 in the row: half of it holds shop-1 alone."""
    half = replace(agents.wanted.order(hold_until=agents.soon()), cohorts=(0.5,))
    agents.knob.apply(half)
    assert agents.knob.inspect(half).kind is KnobState.PENDING
    agents.show()
    assert agents.live() == [5, 12, 5]
    assert agents.knob.inspect(half).kind is KnobState.NEW

    everybody = replace(half, cohorts=(0.5, 1.0))
    assert agents.knob.inspect(everybody).kind is KnobState.PARTIAL
    agents.knob.renew(everybody)
    agents.show()
    assert agents.live() == [12, 12, 12]
    assert agents.knob.inspect(everybody).kind is KnobState.NEW

    agents.knob.restore(everybody)
    agents.show()
    assert agents.live() == [5, 5, 5]
    assert agents.knob.inspect(everybody).kind is KnobState.OLD


def test_a_share_on_the_board_that_nobody_ordered_is_somebody_elses_word(agents: AgentBench) -> None:
    put(agents, Entry(value=12, previous=5, change="chg_a", epoch=1, cohort=0.6))
    agents.show()
    status = agents.knob.inspect(replace(agents.wanted.order(), cohorts=(0.5,)))
    assert status.kind is KnobState.FOREIGN


def test_a_value_outside_the_applications_own_bounds_is_never_in_force(agents: AgentBench) -> None:
    order = replace(agents.wanted.order(), new=1000)
    agents.knob.apply(order)
    agents.show()
    assert agents.live() == [5, 5, 5]
    assert agents.knob.inspect(order).kind is KnobState.PENDING
    agents.knob.restore(order)
    agents.show()
    assert agents.knob.inspect(order).kind is KnobState.OLD


def test_a_value_whose_time_is_up_before_it_is_read_is_never_taken(agents: AgentBench) -> None:
    order = agents.wanted.order(hold_until=datetime.now(UTC) - timedelta(seconds=1))
    agents.knob.apply(order)
    agents.show()
    assert agents.live() == [5, 5, 5]
    assert agents.knob.inspect(order).kind is KnobState.LAPSED


@pytest.mark.parametrize("value", [True, "12", None, math.nan, math.inf])
def test_a_value_that_is_no_finite_number_is_refused(agents: AgentBench, value: object) -> None:
    order = replace(agents.wanted.order(), new=value)  # type: ignore[arg-type]
    for write in (agents.knob.apply, agents.knob.restore, agents.knob.renew):
        with pytest.raises(KnobError, match=r"new value .* is no finite number"):
            write(order)
    status = agents.knob.inspect(order)
    assert status.kind is KnobState.UNKNOWN
    assert agents.board.read("shop", KNOB) is None


def test_an_order_that_changes_nothing_is_refused(agents: AgentBench) -> None:
    with pytest.raises(KnobError, match="the new value is the old one"):
        agents.knob.apply(replace(agents.wanted.order(), new=5.0))


def test_an_application_without_a_board_is_named_with_the_fix(agents: AgentBench) -> None:
    order = Order(change_id="chg_a", target=knob_target(KNOB, app="till"), old=5, new=12, epoch=1)
    with pytest.raises(KnobError, match=r"'till' has no board.*add it to `applications`; known: shop"):
        agents.knob.apply(order)
    assert agents.knob.inspect(order).kind is KnobState.UNKNOWN


def test_without_an_instance_to_be_seen_nothing_is_written(agents: AgentBench) -> None:
    agents.processes.clear()
    assert agents.knob.inspect(agents.wanted.order()).kind is KnobState.UNKNOWN
    with pytest.raises(AdvisorError, match="no instance shows this knob"):
        agents.knob.apply(agents.wanted.order())
    assert agents.board.read("shop", KNOB) is None
