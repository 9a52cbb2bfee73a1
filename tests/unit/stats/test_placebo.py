"""Steps that come by themselves, at every date of a past."""

import pytest

from advisor.stats.placebo import Past, Window


def test_a_step_is_seen_at_its_own_date_in_full_and_beside_it_in_part() -> None:
    """Four blocks of 0, then four of 1; two before against two after: 0, 0.5, 1, 0.5, 0 at dates 2 to 6."""
    past = Past({block: float(block >= 4) for block in range(8)})
    assert past.steps(Window(before=2, gap=0, after=2)) == pytest.approx([0.0, 0.5, 1.0, 0.5, 0.0])


def test_what_lies_in_the_gap_counts_for_neither_side() -> None:
    """A spike of 9 at block 2, which the warm-up of the one date at which it is in the gap swallows."""
    past = Past({block: 9.0 if block == 2 else 0.0 for block in range(5)})
    assert past.steps(Window(before=2, gap=1, after=2)) == pytest.approx([0.0])


def test_a_slow_drift_shows_the_same_step_everywhere() -> None:
    """0.1 a block: between the means of four and of two that follow lie three blocks."""
    past = Past({block: 0.1 * block for block in range(20)})
    assert past.steps(Window(before=4, gap=0, after=2)) == pytest.approx([0.3] * 15)


def test_a_window_of_which_less_than_seven_tenths_is_on_record_shows_nothing() -> None:
    """Of ten blocks four are missing, so that no window of three before and three after is known but the first."""
    past = Past(dict.fromkeys((0, 1, 2, 3, 4, 5), 1.0) | {9: 1.0})
    assert len(past.steps(Window(before=3, gap=0, after=3))) == 1
    assert past.levels(3) == pytest.approx([1.0] * 4)


def test_levels_are_the_means_of_every_window() -> None:
    assert Past({-3: 1.0, -2: 2.0, -1: 6.0}).levels(2) == pytest.approx([1.5, 4.0])


@pytest.mark.parametrize("blocks", [{}, {0: 1.0}])
def test_of_too_short_a_past_nothing_is_said(blocks: dict[int, float]) -> None:
    past = Past(blocks)
    assert (past.steps(Window(before=2, gap=0, after=1)), list(past.levels(2))) == ([], [])


def test_a_step_just_before_the_end_is_seen_over_what_there_is_of_it() -> None:
    """Six blocks of 1, then two of 0; of the last three, one is still of before: -2 / 3."""
    past = Past({block: float(block < 6) for block in range(8)})
    assert past.last_step(4, 2) == pytest.approx(-1.0)
    assert past.last_step(4, 3) == pytest.approx(-2 / 3)
    assert past.last_step(6, 3) is None
