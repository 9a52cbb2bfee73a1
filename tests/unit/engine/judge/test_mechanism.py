"""An index is at work when its statement reads fewer blocks a call; what else got faster is not its doing."""

from dataclasses import replace

import pytest

from advisor.engine.judge.judge import judge
from advisor.engine.judge.mechanism import mechanism
from advisor.engine.judge.trial import Trial
from advisor.model.database.workload import Statement, StatementWindow
from advisor.model.proposal import Better, Goal
from advisor.model.signal import signal
from advisor.model.verdict import Outcome, VerdictReason
from advisor.testing.words import ERRORS, LOAD, a_plan
from tests.fakes.trials import CALM_AFTER, CALM_BEFORE, a_trial, after, before, with_trial

QUERY = signal("query.mean_seconds", database="main", queryid="7")
GOAL = Goal(signal=QUERY, better=Better.LOWER, minimum_gain_ratio=0.3)


def calls(
    queryid: str, count: int, *, seconds: float, blocks: float, rows: float = 10, spread: float = 0.5
) -> Statement:
    """Of `seconds` each, with a standard deviation of `spread` of it, and so many blocks and rows each."""
    return Statement(
        queryid=queryid,
        text=f"SELECT {queryid} FROM orders",
        calls=count,
        total_seconds=count * seconds,
        mean_seconds=seconds,
        rows=round(count * rows),
        shared_blocks_hit=round(count * blocks),
        squared_seconds=count * seconds**2 * (1 + spread**2),
    )


SLOW, FAST = calls("7", 400, seconds=0.05, blocks=5000), calls("7", 100, seconds=0.001, blocks=12)


def trial(was: Statement, now: Statement, *others: tuple[Statement, Statement], **changes: object) -> Trial:
    """Of 150 s, a quarter of the first window: a look at harm alone. Of the goal's own points there are eight."""
    windows = (
        StatementWindow(seconds=600, statements=(was, *(one for one, _ in others))),
        StatementWindow(seconds=150, statements=(now, *(other for _, other in others))),
    )
    plan = a_plan()
    rails = tuple(replace(rail, must_be_proven=rail.signal != LOAD) for rail in plan.guardrails)
    made = a_trial(
        goal=GOAL,
        plan=replace(plan, guardrails=rails),
        baseline={QUERY: before(was.mean_seconds), **CALM_BEFORE, ERRORS: before(0.0)},
        trial={QUERY: after(now.mean_seconds), **CALM_AFTER, ERRORS: after(0.0)},
        statements=windows,
        elapsed_seconds=150,
    )
    # Latency falls with the query, so that harm to it is ruled out by few points.
    return replace(with_trial(made, latency=after(0.1)), **changes)  # type: ignore[arg-type]


def test_an_index_that_is_at_work_is_kept_after_minutes() -> None:
    """12 blocks a call and not 5,000, in 1 ms and not 50: of that time nine tenths are saved, less the doubt."""
    verdict = judge(trial(SLOW, FAST))
    assert (verdict.outcome, verdict.reason) == (Outcome.KEEP, VerdictReason.GAIN_PROVEN)
    assert verdict.explanation.startswith(
        "a call reads 12 blocks, before 5,000 (100 and 400 calls); a call saves at least"
    )
    assert verdict.mechanism is not None
    assert verdict.mechanism.ratio == pytest.approx(0.0024)


def test_not_while_harm_to_a_guardrail_is_not_ruled_out() -> None:
    """8% slower, where 10% would be harm: eight points do not tell these apart."""
    assert judge(with_trial(trial(SLOW, FAST), latency=after(0.216))).outcome is Outcome.EXTEND


def test_a_statement_that_reads_what_it_did_was_made_faster_by_something_else() -> None:
    """A cache that warmed, a neighbour that left: time falls by 98%, and the plan is the former one."""
    same_plan = calls("7", 400, seconds=0.001, blocks=4950)
    late = replace(trial(SLOW, same_plan), elapsed_seconds=1800)
    verdict = judge(late)
    assert (verdict.outcome, verdict.reason) == (Outcome.ROLL_BACK, VerdictReason.UNTELLABLE)
    assert "something else made it faster" in verdict.explanation


def test_where_others_that_it_cannot_touch_got_faster_too_the_counts_alone_keep_nothing() -> None:
    """Half as many blocks and half the time; another statement on the table takes half the time with its blocks."""
    half = calls("7", 400, seconds=0.025, blocks=2400)
    other = (calls("8", 500, seconds=0.02, blocks=30), calls("8", 500, seconds=0.01, blocks=30))
    found = mechanism(trial(SLOW, half, other), alpha=0.025)
    assert found is not None
    assert (found.is_confirmed, found.check.others, found.check.others_ratio) == (False, 1, pytest.approx(0.5))
    assert judge(trial(SLOW, half, other)).outcome is Outcome.EXTEND


def test_others_that_stay_as_they_were_are_the_negative_control() -> None:
    other = (calls("8", 500, seconds=0.02, blocks=30), calls("8", 500, seconds=0.0202, blocks=31))
    touched = (calls("9", 500, seconds=0.02, blocks=300), calls("9", 500, seconds=0.01, blocks=30))
    found = mechanism(trial(SLOW, FAST, other, touched), alpha=0.025)
    assert found is not None
    assert found.is_confirmed
    assert str(found.check).endswith("1 other statement takes x1.01 the time")


def with_scans(made: Trial, scans: int) -> Trial:
    assert made.statements is not None
    was, now = made.statements
    return replace(made, statements=(was, replace(now, index_scans={"public.adv_orders": scans})))


def test_blocks_that_fall_without_the_index_are_not_its_doing() -> None:
    """A table that was rewritten has fewer blocks for everybody; nobody has read the index."""
    found = mechanism(with_scans(trial(SLOW, FAST), 0), alpha=0.025)
    assert found is not None
    assert (found.is_confirmed, found.is_refuted) == (False, True)
    assert str(found.check).endswith("; the index was read 0 times")


@pytest.mark.parametrize(("scans", "confirmed"), [(49, False), (50, True), (5000, True)])
def test_an_index_at_work_is_read_in_the_calls(scans: int, confirmed: bool) -> None:
    """100 calls; of half of them the counters may not have been told yet."""
    found = mechanism(with_scans(trial(SLOW, FAST), scans), alpha=0.025)
    assert found is not None
    assert found.is_confirmed is confirmed


def test_fewer_rows_asked_for_is_other_work_and_tells_nothing() -> None:
    """A page of 10 rows in place of one of 1,000 reads fewer blocks by any plan."""
    page = calls("7", 400, seconds=0.001, blocks=12, rows=10)
    found = mechanism(trial(replace(SLOW, rows=400_000), page), alpha=0.025)
    assert found is not None
    assert (found.is_confirmed, found.is_refuted) == (False, False)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (calls("7", 29, seconds=0.05, blocks=5000), FAST),
        (SLOW, calls("7", 29, seconds=0.001, blocks=12)),
        (calls("7", 400, seconds=0.05, blocks=0), FAST),
        (calls("6", 400, seconds=0.05, blocks=5000), FAST),
    ],
    ids=["few calls before", "few calls since", "blocks not counted", "not on record"],
)
def test_what_is_not_known_on_both_sides_tells_nothing(was: Statement, now: Statement) -> None:
    assert mechanism(trial(was, now), alpha=0.025) is None


def test_a_goal_that_is_no_statement_has_none() -> None:
    assert mechanism(a_trial(), alpha=0.025) is None
