"""How often a model was right, how far it was off, and how a knob has done."""

import math
from dataclasses import replace

import pytest

from advisor.engine.decide.track_record import calibrate
from advisor.model.change import State
from advisor.model.effect import came_true, measured_effect, prediction_error
from advisor.model.knob import knob_target
from advisor.model.signal import signal
from advisor.model.track_record import TrackRecord
from advisor.model.verdict import Outcome, VerdictReason
from advisor.testing.words import a_change, a_proposal
from tests.fakes.past import a_verdict, ended, kept, predicted, rolled_back


def test_coverage_is_the_share_of_measured_values_inside_the_range_its_ends_included() -> None:
    history = [kept(after=0.001), kept(after=0.02), kept(after=0.0009), rolled_back(after=0.4)]
    model = calibrate(history).model("erlang-c")
    assert model is not None
    assert (model.count, model.inside, model.coverage) == (4, 2, 0.5)


def test_bias_is_the_geometric_mean_of_measured_over_predicted() -> None:
    model = calibrate([kept(after=0.008), kept(after=0.002), kept(after=0.016)]).model("erlang-c")
    assert model is not None
    assert model.bias_ratio == pytest.approx(4 ** (1 / 3))  # 2 x 0.5 x 4 = 4, of three


def test_a_prediction_of_nothing_has_no_ratio_and_is_still_counted() -> None:
    model = calibrate([kept(after=0.008, proposal=predicted(0.0, 0.0, 0.01))]).model("erlang-c")
    assert model is not None
    assert (model.count, model.inside, model.bias_ratio) == (1, 1, None)


def test_the_error_is_that_of_the_effect() -> None:
    half = kept(after=0.202)  # 0.4 to 0.202 is half of the way to 0.004
    assert prediction_error(half) == pytest.approx(-0.5)
    assert prediction_error(kept(after=0.004)) == pytest.approx(0.0)
    assert prediction_error(rolled_back(after=0.4)) == -1.0
    model = calibrate([half, kept(after=0.004), rolled_back(after=0.4)]).model("erlang-c")
    assert model is not None
    assert model.error_ratio == pytest.approx(0.5)  # the middle one of 0, 0.5 and 1


@pytest.mark.parametrize("reason", [VerdictReason.NO_DATA, VerdictReason.NOT_ENOUGH_DATA, VerdictReason.LOAD_SHIFTED])
def test_a_verdict_without_enough_data_measured_nothing(reason: VerdictReason) -> None:
    record = ended(State.ROLLED_BACK, verdict=a_verdict(0.4, 0.004, reason=reason))
    assert measured_effect(record) is None
    assert came_true(record) is None
    assert prediction_error(record) is None
    assert calibrate([record]).models == ()


def test_a_number_that_is_none_was_not_measured() -> None:
    assert measured_effect(kept(after=math.nan)) is None
    assert measured_effect(ended(State.KEPT)) is None


def test_a_prediction_of_another_signal_than_the_goal_is_not_held_against_the_goal() -> None:
    other = a_proposal(
        prediction=predicted(0, 1, 2).prediction.__class__(
            signal=signal("pool.size", app="shop"), unit="connections", low=1, expected=1, high=1, model="definition"
        )
    )
    assert measured_effect(kept(proposal=other)) is None


def test_a_trial_under_way_is_not_counted() -> None:
    assert calibrate([a_change(State.TRIAL, verdict=a_verdict(0.4, 0.004))]).models == ()


def test_a_knob_is_judged_by_verdicts_only() -> None:
    ttl = a_proposal(target=knob_target("cache.l2.ttl", app="shop"))
    history = [kept(), kept(), rolled_back(), kept(proposal=ttl), ended(State.ROLLED_BACK), ended(State.EXPIRED)]
    record = calibrate(history)
    pool, cache = record.knob("db.pool_size"), record.knob("cache.l2.ttl")
    assert pool is not None
    assert (pool.kept, pool.rolled_back, pool.judged, pool.kept_ratio) == (2, 1, 3, pytest.approx(2 / 3))
    assert cache is not None
    assert (cache.kept, cache.rolled_back) == (1, 0)
    assert record.knob("postgres.index") is None


def test_a_change_that_was_stopped_while_its_trial_went_on_was_neither_measured_nor_judged() -> None:
    """Its last verdict said that the trial goes on; then somebody paused, and the old value was put back."""
    undecided = replace(a_verdict(0.4, 0.004, reason=VerdictReason.UNDECIDED), outcome=Outcome.EXTEND)
    record = ended(State.ROLLED_BACK, verdict=undecided)
    assert measured_effect(record) is None
    assert calibrate([record]) == TrackRecord(models=(), knobs=())


@pytest.mark.parametrize("outcome", [Outcome.HOLD, Outcome.KEEP])
def test_a_pause_that_comes_between_a_verdict_and_its_end_is_not_the_knobs_fault(outcome: Outcome) -> None:
    """The trial was measured in full, but it was not the judge who put the old value back."""
    record = ended(State.ROLLED_BACK, verdict=replace(a_verdict(0.4, 0.004), outcome=outcome))
    assert measured_effect(record) is not None
    assert calibrate([record]).knobs == ()


@pytest.mark.parametrize(
    "reason",
    [VerdictReason.NO_DATA, VerdictReason.NOT_ENOUGH_DATA, VerdictReason.LOAD_SHIFTED, VerdictReason.REPLACED],
)
def test_a_roll_back_for_want_of_data_counts_for_nothing_in_the_chance_of_a_knob(reason: VerdictReason) -> None:
    record = calibrate([kept(), ended(State.ROLLED_BACK, verdict=a_verdict(0.4, 0.3, reason=reason))])
    (knob,) = record.knobs
    assert (knob.judged, knob.kept, knob.rolled_back) == (1, 1, 0)


def test_what_a_person_settled_counts_for_nothing_and_what_the_judge_did_counts() -> None:
    undecided = a_verdict(0.4, 0.3, reason=VerdictReason.UNDECIDED)
    by_the_judge = ended(State.ROLLED_BACK, verdict=undecided)
    by_a_person = replace(by_the_judge, proposal=replace(by_the_judge.proposal, undo_is_dear=True))
    assert calibrate([by_the_judge]).knobs[0].rolled_back == 1
    assert [knob.judged for knob in calibrate([by_a_person]).knobs] in ([], [0])
