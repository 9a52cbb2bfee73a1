"""Which periods a trial has that switches back, and when each is over. Pure."""

from datetime import datetime, timedelta

from advisor.engine.judge.trial import Period
from advisor.model.change import ChangeRecord, TrialPlan
from advisor.model.course import SwitchBack
from advisor.model.units import format_duration
from advisor.settings.trial import TrialSettings


def period_end(record: ChangeRecord) -> datetime | None:
    """When the period is over that the trial is in; None while its value is not in force, or nothing switches."""
    switching = record.switch_back
    if switching is None:
        return None
    began = switching.moves[-1].in_force_at if switching.moves else record.trial_since
    if began is None:
        return None
    seconds = record.plan.warm_up_seconds + switching.drawn_seconds(record.id, len(switching.moves))
    return began + timedelta(seconds=seconds)


def periods(record: ChangeRecord, now: datetime) -> tuple[Period, ...]:
    """The stretches of the trial with one value in force and settled; none where nothing switches."""
    switching = record.switch_back
    if switching is None or record.trial_since is None:
        return ()
    began = [(True, record.trial_since), *((move.is_on, move.in_force_at) for move in switching.moves)]
    ends = [*(move.ordered_at for move in switching.moves), now]
    warm_up = timedelta(seconds=record.plan.warm_up_seconds)
    return tuple(
        Period(is_on=is_on, start=at + warm_up, end=end)
        for (is_on, at), end in zip(began, ends, strict=True)
        if at is not None and at + warm_up < end
    )


def planned(record: ChangeRecord, trial: TrialSettings) -> tuple[SwitchBack | None, str]:
    """How a change that begins without a canary is to switch back; or None, and why not where one would expect it."""
    settings, plan = trial.switch_back, record.plan
    if not settings.enabled or not record.proposal.target.kind.switches_back:
        return None, ""
    needed, longest = _needed_seconds(plan, trial), plan.longest_seconds + plan.warm_up_seconds
    if needed > longest:
        times = f"{format_duration(needed)}, the longest window is {format_duration(plan.longest_seconds)}"
        return None, f"switching back would take up to {times}"
    return (
        SwitchBack(
            periods=settings.periods,
            shortest_seconds=settings.shortest_seconds,
            longest_seconds=settings.longest_seconds,
        ),
        "",
    )


def _needed_seconds(plan: TrialPlan, trial: TrialSettings) -> float:
    one = plan.apply_seconds + plan.warm_up_seconds + trial.switch_back.longest_seconds
    return trial.switch_back.periods * one
