"""What would have been found and done: one change at a time, under the policy, each thing said once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pytest

from advisor.engine.replay.backtest import Span, backtest
from advisor.engine.replay.replay import replay
from advisor.model.replay import ObservedOutcome, Replay
from advisor.model.report import RuleStatus
from advisor.model.signal import Series, SignalKey
from advisor.model.snapshot import Snapshot, SourceReport, SourceStatus
from advisor.testing.history import FakeHistory
from advisor.testing.samples import FakeSamples
from advisor.testing.words import NOON, WAIT
from tests.fakes.script import DATABASE_RULE, SLOW_POOL, STEP_SECONDS, a_script, a_snapshot


def played(snapshots: Sequence[Snapshot], **policy: object) -> Replay:
    return replay(snapshots, a_script(**policy), STEP_SECONDS)


def minutes(count: int, **shown: object) -> list[Snapshot]:
    return [a_snapshot(minute, **shown) for minute in range(count)]


def after(minute: float) -> datetime:
    return NOON + timedelta(minutes=minute)


def test_calm_history_is_called_healthy_and_nothing_is_done() -> None:
    seen = played(minutes(60))
    assert (seen.snapshots, seen.empty, seen.changes, seen.findings) == (60, 0, (), ())
    assert seen.rules[0].status is RuleStatus.HEALTHY
    assert seen.rules[0].reason == "fired in 0 of 60 snapshots"


def test_a_finding_is_summed_over_time_and_acted_on_once() -> None:
    history = [a_snapshot(minute, wait=0.5 if 10 <= minute < 200 else 0.0) for minute in range(240)]
    seen = played(history)
    assert len(seen.findings) == 1
    finding = seen.findings[0]
    assert (finding.first_at, finding.last_at, finding.snapshots) == (after(10), after(199), 190)
    assert finding.wasted_seconds == pytest.approx(190 * 60 * 0.5)
    assert [(replayed.at, replayed.until) for replayed in seen.changes] == [(after(10), after(27))]
    assert seen.changes[0].repeats == 173  # minutes 27 to 199: the recording still shows the old value


def test_another_fault_under_the_same_id_is_another_line() -> None:
    seen = played([*minutes(5, wait=0.5), a_snapshot(5, wait=0.7)])
    assert len(seen.findings) == 1  # only the number differs: the worst one is shown
    assert seen.findings[0].summary == "callers wait 0.7 s"


def test_nothing_new_is_begun_while_a_trial_would_run_and_the_target_rests_afterwards() -> None:
    history = [a_snapshot(minute, wait=0.5 if minute < 5 else 5.0) for minute in range(90)]
    seen = played(history)
    assert [replayed.at for replayed in seen.changes] == [after(0), after(77)]  # 17 minutes of trial, an hour of rest
    assert seen.changes[1].proposal.proposed == 50
    rests = [delay for delay in seen.delays if "rests for another" in delay.reason]
    assert [(delay.count, delay.first_at, delay.last_at) for delay in rests] == [(60, after(17), after(76))]


def test_what_policy_forbids_is_not_done_and_counted_with_its_reason() -> None:
    seen = played(minutes(30, wait=0.5), knob={"maximum": 11.0})
    assert seen.changes == ()
    assert [(delay.count, delay.reason) for delay in seen.delays] == [
        (30, "policy: 12 is above the highest allowed 11")
    ]


def test_the_change_windows_of_that_time_hold() -> None:
    seen = played(minutes(90, wait=0.5), change_windows=["Thu 12:30-13:00"])
    assert [replayed.at for replayed in seen.changes] == [after(30)]


def test_gaps_are_counted_and_judged_by_nobody() -> None:
    seen = played([*minutes(10), *(a_snapshot(minute, wait=None) for minute in range(10, 15)), a_snapshot(15)])
    assert (seen.snapshots, seen.empty) == (16, 5)
    assert seen.rules[0].reason == "fired in 0 of 11 snapshots"


def test_a_rule_that_needs_the_database_is_skipped_and_says_why() -> None:
    seen = replay(minutes(5, wait=0.5), a_script(SLOW_POOL, DATABASE_RULE), STEP_SECONDS)
    by_id = {result.rule: result for result in seen.rules}
    assert by_id["missing-index"].status is RuleStatus.SKIPPED
    assert "which Prometheus does not record" in by_id["missing-index"].reason
    assert by_id["pool-exhaustion"].status is RuleStatus.FIRED


def test_what_could_not_be_read_is_told_once() -> None:
    report = SourceReport(name="prometheus", status=SourceStatus.DEGRADED, detail="pool.size: status 400")
    broken = [
        Snapshot(taken_at=one.taken_at, window_seconds=300, signals=one.signals, sources=(report,))
        for one in minutes(5)
    ]
    assert played(broken).problems == ("pool.size: status 400",)


def followed(
    history: Sequence[Snapshot], waits: Mapping[SignalKey, object], *, end: float, down: bool = False
) -> ObservedOutcome:
    samples = FakeSamples()
    samples.functions = dict(waits)
    samples.down = down
    span = Span(start=NOON, end=after(end), step_seconds=STEP_SECONDS, window_seconds=300)
    done = backtest(span, a_script(), FakeHistory(history), samples)
    assert len(done.outcomes) == len(done.replay.changes) == 1
    return done.outcomes[0]


def test_a_knob_that_was_moved_for_real_shows_what_the_change_did() -> None:
    history = [
        a_snapshot(minute, wait=0.5 if 20 <= minute < 22 else 0.0, size=5 if minute < 21 else 12)
        for minute in range(60)
    ]
    then = followed(history, {WAIT: lambda at: 0.4 if at < after(20) else 0.01}, end=60)
    assert (then.before, then.after, then.ratio) == (pytest.approx(0.4), pytest.approx(0.01), pytest.approx(0.025))
    assert then.came_true is True  # 0.001 to 0.02 was predicted
    assert (then.samples_before, then.samples_after) == (90, 90)  # 15 minutes, a point every 10 s


def test_a_knob_that_nobody_moved_proves_no_prediction_wrong() -> None:
    then = followed(minutes(60, wait=0.5), {WAIT: lambda at: 0.5}, end=60)
    assert (then.ratio, then.came_true) == (1.0, None)


def test_a_deed_whose_trial_is_not_on_record_has_no_aftermath() -> None:
    then = followed(minutes(16, wait=0.5), {WAIT: lambda at: 0.5}, end=16)  # the trial would have ended at minute 17
    assert (then.before, then.problem) == (None, "the replay ends before its trial would have")


def test_missing_samples_are_no_zero() -> None:
    assert followed(minutes(30, wait=0.5), {}, end=30).problem == "no such series"
    lost = followed(minutes(30, wait=0.5), {}, end=30, down=True)
    assert (lost.before, lost.after) == (None, None)
    assert "connection refused" in lost.problem


def test_a_ratio_to_nothing_is_no_number() -> None:
    assert ObservedOutcome(before=0.0, after=1.0).ratio is None
    assert Series().values == []
