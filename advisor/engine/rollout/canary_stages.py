"""A canary, stage by stage: some instances take the value, then more, then all.

Each stage is a trial of its own. Those that take the value in it are compared with their own past, and, but for the
last, with those that keep the old value at the same time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from advisor.engine.decide.global_gates import frozen
from advisor.engine.decide.proposal_gates import forbidden, outside_windows
from advisor.engine.rollout.baseline import read_background, unready
from advisor.engine.rollout.canary_sides import broken, first_split, next_split, split_at
from advisor.engine.rollout.context import RolloutContext, first_problem, log
from advisor.engine.rollout.settle import begin_roll_back
from advisor.model.change import ChangeRecord, Event, Stage
from advisor.model.cohort import EVERYBODY, Instance
from advisor.model.errors import AdvisorError, NoCanaryError, PermanentError, StaleEpochError, TransientError
from advisor.model.knob import KnobState, KnobStatus
from advisor.model.units import format_duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How a change may be begun: `record`, in its first stage where there is a canary.

    without: why there is no canary, and all take the value at once. not_yet: why it must wait. read_at: when the whole
    past was read for nothing.
    """

    record: ChangeRecord
    without: str = ""
    not_yet: str = ""
    read_at: datetime | None = None


def with_first_stage(record: ChangeRecord, steady: datetime | None, rollout: RolloutContext) -> Opening:
    """`record` with the first stage of its canary and that stage's baselines, where there can be one.

    What is only missing for the moment is waited for: a gap in a series is no reason to put all instances at risk.
    """
    knob = record.proposal.target.knob
    if not record.proposal.target.kind.per_instance:
        return Opening(record=record, without=f"{knob} cannot be given to some instances only")
    if not rollout.policy.for_knob(knob).canary:
        return Opening(record=record, without=f"policy.knobs.{knob}.canary is off")
    try:
        instances = rollout.fleet.instances(rollout.order(record)) if rollout.fleet else ()
    except NoCanaryError as error:
        return _impossible(record, str(error), rollout)
    except (TransientError, PermanentError) as error:
        return Opening(record=record, not_yet=f"no canary, no change: the instances could not be read: {error}")
    split = first_split(instances, rollout.trial.canary)
    if isinstance(split, str):
        return _impossible(record, split, rollout)
    stage = Stage(cohorts=(split.cohort,), taking=split.taking, keeping=split.keeping)
    staged, gap = _with_baselines(record, stage, steady, rollout)
    if gap is None:
        return Opening(record=staged)
    if gap.is_passing:
        read_at = rollout.clock.now() if gap.was_read else None
        return Opening(record=record, not_yet=f"no canary, no change: {gap.problem}", read_at=read_at)
    return _impossible(record, gap.problem, rollout)


def _impossible(record: ChangeRecord, problem: str, rollout: RolloutContext) -> Opening:
    if rollout.trial.canary.required:
        return Opening(record=record, not_yet=f"trial.canary.required, and none is possible: {problem}")
    return Opening(record=record, without=problem)


def lost_sides(record: ChangeRecord, rollout: RolloutContext) -> str:
    """Why the stage on trial can no longer be judged, "" while it can, or while nobody can tell."""
    stage = record.stage
    if stage is None or stage.is_last:
        return ""
    instances, problem = _instances(record, rollout)
    return "" if problem else broken(stage, instances)


def promote(record: ChangeRecord, status: KnobStatus, steady: datetime | None, rollout: RolloutContext) -> ChangeRecord:
    """TRIAL of a stage with a verdict to keep: journal the next stage, then widen the cohort.

    Repeatable: a process killed before the step is booked does it again; one killed after it finds APPLYING, whose
    renewals write the same entry. A wider cohort is a new write: it asks for the permission that there is now.
    """
    stage, now = record.stage, rollout.clock.now()
    if stage is None or stage.is_last:
        raise ValueError(f"change {record.id} has no stage to go to")
    if refused := forbidden(record.proposal, rollout.policy):
        return begin_roll_back(record, rollout, refused)
    if not_now := frozen(rollout.policy, now) or outside_windows(record.proposal, rollout.policy, now):
        return rollout.wait(record, f"proven in this stage; the next one waits: {not_now}")
    if status.kind is not KnobState.NEW:
        return _wait_for_baseline(record, f"not in force as ordered: {status.kind}, {status.detail}", rollout)
    instances, problem = _instances(record, rollout)
    if problem:
        return _wait_for_baseline(record, problem, rollout)
    following = _following(record, stage, instances, rollout)
    moved, gap = _with_baselines(replace(record, verdict=None, trial=()), following, steady, rollout)
    if gap is not None:
        return _wait_for_baseline(record, gap.problem, rollout)
    explanation = record.verdict.explanation if record.verdict else ""
    moved = rollout.move(moved, Event.PROMOTED, f"{explanation}; next: {following}")
    try:
        rollout.knob.renew(rollout.order(moved))
    except StaleEpochError:
        raise
    except AdvisorError as error:
        log.warning("promotion_not_written", change_id=moved.id, error=str(error))
    return moved


def _following(record: ChangeRecord, stage: Stage, instances: Sequence[Instance], rollout: RolloutContext) -> Stage:
    """Where the last stage makes every instance anew, none of them has a past: all are compared with all."""
    former = stage.cohorts[-1]
    split = next_split(instances, former, rollout.trial.canary, stages_before=len(stage.cohorts))
    split = split or split_at(instances, former, EVERYBODY)
    if split.cohort == EVERYBODY and record.proposal.target.kind.replaces_instances:
        split = replace(split, taking=())
    cohorts = (*stage.cohorts, split.cohort)
    return Stage(cohorts=cohorts, taking=split.taking, keeping=split.keeping, proof=record.verdict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gap:
    """What a baseline lacks. is_passing: there are points, not enough of them yet. was_read: all of the past was."""

    problem: str
    is_passing: bool
    was_read: bool = False


def _with_baselines(
    record: ChangeRecord, stage: Stage, steady: datetime | None, rollout: RolloutContext
) -> tuple[ChangeRecord, _Gap | None]:
    """`record` in `stage` with the past of both sides; or as it was, and what of it is missing."""
    if not stage.taking and not record.proposal.target.kind.replaces_instances:
        return record, _Gap(problem="no instance is left that could be compared with its own past", is_passing=False)
    now = rollout.clock.now()
    start = now - timedelta(seconds=record.plan.baseline_seconds)
    sides = [stage.taking, stage.keeping] if stage.keeping else [stage.taking]
    windows = [rollout.read(record, start, now, side) for side in sides]
    for side, window in zip(sides, windows, strict=True):
        if problem := first_problem(window, rollout.trial.smallest_effective_samples):
            is_passing = all(each.series.samples for each in window)
            return record, _Gap(problem=f"{_named(side)}: {problem}", is_passing=is_passing)
    taking, *keeping = (
        read_background(record, window, steady, rollout, side) for side, window in zip(sides, windows, strict=True)
    )
    control = keeping[0].past if keeping else ()
    if problem := unready(record, rollout, taking, control):
        return record, _Gap(problem=f"{_named(stage.taking)}: {problem}", is_passing=True, was_read=True)
    staged = replace(record, stage=replace(stage, control=control))
    return replace(staged, baseline=taking.past, usual=taking.usual, older=taking.older), None


def _named(side: Sequence[str]) -> str:
    return ", ".join(side) or "all instances"


def _instances(record: ChangeRecord, rollout: RolloutContext) -> tuple[Sequence[Instance], str]:
    if rollout.fleet is None:
        return (), "the instances are not known"
    try:
        found = rollout.fleet.instances(rollout.order(record))
    except (TransientError, PermanentError) as error:
        return (), f"the instances could not be read: {error}"
    return found, "" if found else "no instance shows this knob"


def _wait_for_baseline(record: ChangeRecord, problem: str, rollout: RolloutContext) -> ChangeRecord:
    """No baseline, no further stage: the value stays where it is, for as long as a trial may take at most."""
    patience = record.plan.warm_up_seconds + record.plan.longest_seconds + record.plan.baseline_seconds
    if rollout.seconds_since(record.trial_since) > patience:
        return begin_roll_back(record, rollout, f"no next stage within {format_duration(patience)}: {problem}")
    return rollout.wait(record, f"proven in this stage; the next one waits: {problem}")
