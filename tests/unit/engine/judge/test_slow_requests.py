"""Latency by its histogram: what share was slower than is allowed, and by which factor all of it moved."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from advisor.engine.judge.judge import judge
from advisor.engine.judge.plan.trial_plan import bounds_around
from advisor.engine.judge.slow_requests import count_slow
from advisor.engine.judge.trial import Control, Trial
from advisor.model.signal import Measured, Series, SignalKey, series_of, signal
from advisor.model.snapshot import Snapshot
from advisor.model.verdict import Outcome, VerdictReason
from advisor.testing.words import LATENCY, NOON, a_plan
from tests.fakes.trials import a_trial, after, before, with_trial

CALM = {"0.1": 0.70, "0.25": 0.90, "0.5": 0.96, "1": 0.99}
"""p95 is 0.25 + 0.25 x (0.95 - 0.90) / (0.96 - 0.90) = 0.458 s; a tenth more is 0.504 s."""
SLOWER = {"0.1": 0.60, "0.25": 0.82, "0.5": 0.92, "1": 0.97}
"""8% take longer than half a second, where 5% may."""


def rungs(shares: Mapping[str, float], like: Series) -> dict[SignalKey, Series]:
    """Each share at each moment of `like`."""
    return {
        signal("http.within_ratio", app="shop", le=le): series_of((s.at, share) for s in like.samples)
        for le, share in shares.items()
    }


def with_histogram(early: Mapping[str, float], late: Mapping[str, float], seconds: float = 600) -> Trial:
    trial, (errors, latency, load) = a_trial(), a_plan().guardrails
    counted = replace(latency, within=tuple(rungs(early, before(1))))
    return replace(
        trial,
        plan=a_plan(guardrails=(errors, counted, load)),
        baseline={**trial.baseline, **rungs(early, before(1))},
        trial={**trial.trial, **rungs(late, after(1))},
        elapsed_seconds=seconds,
    )


def test_latency_that_stays_is_proven_harmless_though_its_quantile_jumps() -> None:
    """p95 goes from one bucket's bound to the other's from point to point; the counts are what they were."""
    trial = with_histogram(CALM, CALM)
    jumps = series_of((s.at, 0.26 if number % 3 else 0.49) for number, s in enumerate(after(1).samples))
    verdict = judge(with_trial(trial, latency=jumps))
    assert verdict.outcome is Outcome.KEEP
    latency = next(one for one in verdict.evidence if one.signal == str(LATENCY))
    assert latency.before == pytest.approx(0.43, abs=0.01)  # on the normal's scale, in which a bucket is not even
    assert latency.ratio == pytest.approx(1.0, abs=0.01)


def test_more_slow_requests_than_are_allowed_end_a_trial_in_any_cycle() -> None:
    """50/s for two minutes are 6,000 requests: some 470 of them slower than is allowed, where 300 may be."""
    verdict = judge(with_histogram(CALM, SLOWER, seconds=120))
    assert (verdict.outcome, verdict.reason) == (Outcome.ROLL_BACK, VerdictReason.GUARDRAIL_HARMED)
    assert "now take longer than the 0.5042 s allowed" in verdict.explanation


def test_latency_that_grows_within_one_bucket_is_harm_all_the_same() -> None:
    """All take a sixth longer. p95, between 0.1 and 0.25 s, says 4% more; but a twelfth more are beyond 0.1 s.

    Shares of a normal of logarithms around 70 ms with a deviation of 0.4, then around 81 ms:
    Phi(ln(0.1 / 0.07) / 0.4) = Phi(0.892) = 0.814, then Phi(0.527) = 0.701; Phi(ln(0.25 / 0.07) / 0.4) = 0.9993.
    """
    early = {"0.025": 0.005, "0.05": 0.200, "0.1": 0.814, "0.25": 0.9993}
    late = {"0.025": 0.002, "0.05": 0.114, "0.1": 0.701, "0.25": 0.9976}
    plain = with_histogram(early, late)
    trial = replace(plain, plan=replace(plain.plan, longest_seconds=600))
    verdict = judge(trial)
    assert verdict.outcome is Outcome.ROLL_BACK
    assert str(LATENCY) in verdict.explanation
    latency = next(one for one in verdict.evidence if one.signal == str(LATENCY))
    assert latency.ratio == pytest.approx(0.081 / 0.07, abs=0.02)


def test_slow_ones_that_grew_slower_forbid_to_keep_though_all_the_others_did_not() -> None:
    """6% take longer than the half second and its tenth, where 5% may: no proof in ten minutes, and not passed over."""
    trial = with_histogram(CALM, {**CALM, "0.5": 0.937, "1": 0.955}, seconds=600)
    counted = count_slow(trial, trial.plan.guardrails[1])
    assert counted is not None
    assert counted.is_suspicious
    assert judge(trial).outcome is not Outcome.KEEP


def test_slow_requests_in_clumps_prove_less() -> None:
    """A quarter of every twentieth minute's requests is slow: a minute of them in the trial is nothing new."""

    def bursts(like: Series) -> dict[SignalKey, Series]:
        slow = ((s.at, 0.75 if s.at.minute % 20 == 0 else 0.97) for s in like.samples)
        return {**rungs(CALM, like), signal("http.within_ratio", app="shop", le="0.5"): series_of(slow)}

    trial = with_histogram(CALM, CALM)
    trial = replace(trial, baseline={**trial.baseline, **bursts(before(1))}, trial={**trial.trial, **bursts(after(1))})
    counted = count_slow(trial, trial.plan.guardrails[1])
    assert counted is not None
    assert counted.clumping > 5
    assert judge(replace(trial, elapsed_seconds=60)).outcome is Outcome.EXTEND


@pytest.mark.parametrize(
    ("early", "late"),
    [
        ({"0.1": 0.2, "0.25": 0.4, "0.5": 0.6, "1": 0.8}, CALM),  # p95 lies above the highest bound
        ({"0.1": 0.97, "0.25": 0.98, "0.5": 0.99, "1": 1.0}, CALM),  # and below the lowest
        ({"0.1": 0.9, "0.25": 0.91, "0.5": 0.92, "1": 0.951}, CALM),  # what is allowed lies above the highest
        (CALM, {"0.1": 0.7}),  # some are no longer on record
    ],
)
def test_where_counts_cannot_tell_the_quantile_itself_is_compared(
    early: Mapping[str, float], late: Mapping[str, float]
) -> None:
    trial = with_histogram(early, late)
    assert count_slow(trial, trial.plan.guardrails[1]) is None
    assert judge(trial).outcome is Outcome.KEEP


def test_a_canary_that_was_always_slower_is_held_against_its_own_past() -> None:
    """Its requests took twice as long as the control's before the change, and take as long as ever since."""
    twice = {"0.2": 0.70, "0.5": 0.90, "1": 0.96, "2": 0.99}
    grid = ("0.1", "0.2", "0.25", "0.5", "1", "2")

    def on(shares: Mapping[str, float]) -> dict[str, float]:
        known = sorted((float(le), share) for le, share in shares.items())
        found = {}
        for le in grid:
            below = [pair for pair in known if pair[0] <= float(le)]
            beyond = [pair for pair in known if pair[0] >= float(le)]
            (x, low), (z, high) = (below or [(0.0, 0.0)])[-1], (beyond or [(4.0, 1.0)])[0]
            found[le] = low if z == x else low + (high - low) * (float(le) - x) / (z - x)
        return found

    trial = with_histogram(on(twice), on(twice))
    early, late = rungs(on(CALM), before(1)), rungs(on(CALM), after(1))
    beside = Control(baseline={**trial.baseline, **early}, trial={**trial.trial, **late, trial.goal.signal: after(0.1)})
    counted = count_slow(replace(trial, control=beside), trial.plan.guardrails[1])
    assert counted is not None
    assert counted.before == pytest.approx(0.916, abs=0.01)
    assert not counted.is_suspicious


def test_the_bounds_next_to_p95_are_read() -> None:
    """Two below it and three above it, of this application alone."""
    shares = {"0.05": 0.2, "0.1": 0.7, "0.25": 0.9, "0.5": 0.96, "1": 0.99, "2.5": 0.995, "5": 1.0}
    at = NOON + timedelta(0)
    readings = {signal("http.within_ratio", app="shop", le=le): Measured(value=v, at=at) for le, v in shares.items()}
    other = {signal("http.within_ratio", app="till", le="9"): Measured(value=0.99, at=at)}
    snapshot = Snapshot(taken_at=at, window_seconds=60, signals={**readings, **other})
    assert [key.label("le") for key in bounds_around(snapshot, "shop")] == ["0.1", "0.25", "0.5", "1", "2.5"]
    assert bounds_around(snapshot, "till") == ()
