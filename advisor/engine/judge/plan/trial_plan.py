"""How a change will be judged, fixed before it is begun. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from advisor.engine.judge.plan.workload_wires import workload_tripwires
from advisor.engine.judge.slow_requests import SLOWEST
from advisor.model.change import Guardrail, TrialPlan, Tripwire
from advisor.model.knob import Carrier, KnobKind
from advisor.model.proposal import Better, Proposal
from advisor.model.signal import WITHIN_SIGNAL, SignalKey, signal
from advisor.model.snapshot import Snapshot
from advisor.settings.trial import TrialSettings

_BELOW, _ABOVE = 2, 3
"""Bounds of the histogram on either side of p95: a change may move it across one, and harm may lie beyond the next."""


def plan_trial(proposal: Proposal, trial: TrialSettings, snapshot: Snapshot | None = None) -> TrialPlan:
    """The windows of the settings and the guardrails of the application; none when no application is known.

    snapshot: tells where a histogram shows latency; None: it is not counted.
    """
    within = bounds_around(snapshot, proposal.app) if snapshot is not None else ()
    plan = plan_for(proposal.app, trial, proposal.target.get("pool"), within)
    stretch = _stretch(proposal, trial)
    return replace(
        plan,
        apply_seconds=apply_seconds(proposal.target.kind, trial),
        warm_up_seconds=_warm_up(proposal, plan),
        trial_seconds=plan.trial_seconds * stretch,
        longest_seconds=plan.longest_seconds * stretch,
        no_gain_seconds=min(_no_gain(proposal, trial) * stretch, plan.longest_seconds * stretch),
        # An autoscaler that takes pods away, or a rollout, is no crash: a cluster has wires of its own.
        tripwires=workload_tripwires(proposal) if proposal.target.kind.carrier is Carrier.CLUSTER else plan.tripwires,
    )


def apply_seconds(kind: KnobKind, trial: TrialSettings) -> float:
    """Within this a new value must be in force everywhere."""
    if kind.carrier is Carrier.CLUSTER:
        return trial.rollout_seconds
    return trial.build_seconds if kind.is_built else trial.apply_seconds


def bounds_around(snapshot: Snapshot, app: str) -> tuple[SignalKey, ...]:
    """The shares of requests within the bounds next to p95, from the lowest on; none where p95 is not between two."""
    shares = {
        float(key.label("le")): (key, value)
        for key in snapshot.keys(WITHIN_SIGNAL)
        if key.label("app") == app and (value := snapshot.value(key.name, **dict(key.labels))) is not None
    }
    below = [shares[le][0] for le in sorted(shares) if shares[le][1] < 1 - SLOWEST]
    above = [shares[le][0] for le in sorted(shares) if shares[le][1] >= 1 - SLOWEST]
    return (*below[-_BELOW:], *above[:_ABOVE]) if below and above else ()


def plan_for(app: str, trial: TrialSettings, pool: str = "", within: Sequence[SignalKey] = ()) -> TrialPlan:
    """How a change of an agents' knob is judged; `app` may be "". pool: the one of several that it is made to.

    within: see `Guardrail`, of p95.
    """
    return TrialPlan(
        apply_seconds=trial.apply_seconds,
        warm_up_seconds=trial.warm_up_seconds,
        baseline_seconds=trial.baseline_seconds,
        trial_seconds=trial.trial_seconds,
        longest_seconds=max(trial.longest_seconds, trial.trial_seconds),
        guardrails=guardrails(app, trial, within) if app else (),
        history_seconds=max(trial.history_seconds, trial.baseline_seconds),
        tripwires=_tripwires(app, pool) if app else (),
        no_gain_seconds=min(trial.no_gain_seconds, max(trial.longest_seconds, trial.trial_seconds)),
    )


def _no_gain(proposal: Proposal, trial: TrialSettings) -> float:
    """When a gain has begun at the latest, if there is one."""
    kind = proposal.target.kind
    usual = 0.0 if kind.gains_at_once else trial.no_gain_seconds
    return trial.no_gain_seconds_by_knob.get(kind.name, usual)


def _warm_up(proposal: Proposal, plan: TrialPlan) -> float:
    """As the settings say; of a cache's TTL, until no entry is left that was written before the change.

    Judged earlier, a longer TTL looks better than it is: what was renewed under it has not expired even once. No longer
    than the longest window.
    """
    return max(plan.warm_up_seconds, min(_life_seconds(proposal), plan.longest_seconds))


def _life_seconds(proposal: Proposal) -> float:
    """How long an entry lives under the longer of the two TTLs; 0 of any other knob."""
    if not proposal.target.kind.outlasts_value:
        return 0.0
    lives = (proposal.current, proposal.proposed)
    return max((float(life) for life in lives if isinstance(life, int | float)), default=0.0)


def _stretch(proposal: Proposal, trial: TrialSettings) -> float:
    """How much longer everything takes because what the change affects happens rarely; at least 1."""
    wanted = max(_for_calls(proposal, trial), _for_lives(proposal, trial))
    return min(max(wanted, 1.0), trial.largest_stretch)


def _for_calls(proposal: Proposal, trial: TrialSettings) -> float:
    """So that the first window holds enough calls of what is changed."""
    if proposal.events_per_second is None or proposal.events_per_second <= 0:
        return 1.0
    return trial.smallest_calls / (proposal.events_per_second * trial.trial_seconds)


def _for_lives(proposal: Proposal, trial: TrialSettings) -> float:
    """So that the longest window holds enough lives of an entry.

    Entries that were filled together expire together: misses come in waves that long, and two of them are taken for one
    independent point.
    """
    return 2 * _life_seconds(proposal) * trial.smallest_effective_samples / trial.longest_seconds


def _tripwires(app: str, pool: str) -> tuple[Tripwire, ...]:
    """What ends a trial at once. An instance that is gone does not show its pool any more."""
    of = {"app": app, "pool": pool} if pool else {"app": app}
    return (Tripwire(signal=signal("pool.instances", **of), better=Better.HIGHER, what="instances are gone"),)


def guardrails(app: str, trial: TrialSettings, within: Sequence[SignalKey] = ()) -> tuple[Guardrail, ...]:
    """Errors, latency and throughput: whatever a change gains, it may not cost these.

    Throughput follows the callers, and only falls for the change's sake when it keeps them waiting or turns them away,
    which the other two show. So its fall ends a trial when it is proven, and need not be ruled out before.
    """
    errors = Guardrail(
        signal=signal("http.error_ratio", app=app),
        better=Better.LOWER,
        maximum_harm_ratio=trial.error_ratio_harm,
        slack=trial.error_ratio_slack,
    )
    latency = Guardrail(
        signal=signal("http.p95_seconds", app=app),
        better=Better.LOWER,
        maximum_harm_ratio=trial.latency_harm,
        slack=trial.latency_slack_seconds,
        within=tuple(within),
    )
    throughput = Guardrail(
        signal=signal("http.requests_per_second", app=app),
        better=Better.HIGHER,
        maximum_harm_ratio=trial.throughput_harm,
        slack=0.0,
        must_be_proven=False,
    )
    return errors, latency, throughput
