"""One half of an autoscaler's `behavior` as a proposal: the guide's moderate setting, and the old one as the undo."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from advisor.model.finding import Finding
from advisor.model.kubernetes.autoscaler import Hpa, PolicyKind, ScalingPolicy, ScalingRules, SelectPolicy
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.plot import Plot
from advisor.model.proposal import Better, Goal, Prediction, Proposal, Risk
from advisor.model.signal import signal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import RuleContext
from advisor.settings.kubernetes.guide import ScalingRow
from advisor_rules.advice import advice
from advisor_rules.kubernetes.objects.patch import patch
from advisor_rules.kubernetes.objects.subject import part_of
from advisor_rules.kubernetes.objects.trial import Worth, tried
from advisor_rules.kubernetes.scaling.told import DAY_SECONDS

_UNREAD = "its load was not read: the guide chooses the speed by the load's pattern"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """half: "scaleUp" or "scaleDown". row: the guide's. value: of the metric with it, in its unit, by the model.

    metric: what is measured, and better: which way it should go. doubts: those of the model.
    gain_seconds: of waiting a day that go away, roughly.
    """

    half: str
    row: ScalingRow
    value: float
    metric: str
    better: Better
    rationale: str
    alternative: str
    gain_seconds: float
    unit: str = "s"
    model: str = "hpa-policies"
    doubts: tuple[str, ...] = (_UNREAD,)
    plots: tuple[Plot, ...] = ()


def rules_of(row: ScalingRow) -> ScalingRules:
    policy = ScalingPolicy(kind=PolicyKind.PERCENT, value=row.percent, period_seconds=round(row.period_seconds))
    return ScalingRules(window_seconds=round(row.window_seconds), select=SelectPolicy.MAX, policies=(policy,))


def shown(rules: ScalingRules) -> str:
    """In a few words: "window 0 s, Max of 50% every 30 s"."""
    steps = " or ".join(
        f"{policy.value}{'%' if policy.kind is PolicyKind.PERCENT else ' pods'} every {policy.period_seconds} s"
        for policy in rules.policies
    )
    return f"window {rules.window_seconds} s, {steps}" + (f" ({rules.select})" if len(rules.policies) > 1 else "")


def behavior_proposal(
    finding: Finding, where: tuple[ClusterState, Hpa, ScalingRules], wanted: Wanted, why: tuple[Snapshot, RuleContext]
) -> Sequence[Proposal]:
    """Only the half that is meant is touched; the undo is what stood there."""
    (cluster, hpa, rules), new = where, rules_of(wanted.row)
    watched = signal(wanted.metric, cluster=cluster.name, namespace=hpa.meta.namespace, hpa=hpa.meta.name)
    old: Any = dict(hpa.behavior or {}).get(wanted.half)
    changes = [{"spec": {"behavior": {wanted.half: half}}} for half in (_written(new), _back(old))]
    text = patch(cluster, hpa.meta, hpa.meta.ref, changes)
    base = advice(finding, change="k8s.hpa", what=text.apply, rationale=wanted.rationale, metric=watched)
    exact = (None if old is None else json.dumps(old), json.dumps(_written(new)))
    proposal = replace(
        base,
        target=part_of(cluster, hpa, wanted.half),
        current=shown(rules),
        proposed=shown(new),
        risk=Risk.LOW,
        goal=Goal(signal=watched, better=wanted.better, minimum_gain_ratio=0.0),
        prediction=Prediction(
            signal=watched,
            unit=wanted.unit,
            low=wanted.value,
            expected=wanted.value,
            high=wanted.value,
            model=wanted.model,
        ),
        undo=text.undo,
        doubts=(*wanted.doubts, *filter(None, [hpa.meta.reconciler_note])),
        alternatives=(wanted.alternative,),
        plots=wanted.plots,
    )
    worth = Worth(gain=wanted.gain_seconds / DAY_SECONDS)
    return (tried(proposal, (cluster, cluster.target_of(hpa), hpa.meta), exact, worth, why),)


def _written(rules: ScalingRules) -> Mapping[str, Any]:
    return {
        "stabilizationWindowSeconds": rules.window_seconds,
        "selectPolicy": rules.select.value,
        "policies": [
            {"type": policy.kind.value, "value": policy.value, "periodSeconds": policy.period_seconds}
            for policy in rules.policies
        ],
    }


def _back(old: Any) -> Any:
    """The old half, with null for what only the new one has: a merge keeps what is not named."""
    if not isinstance(old, Mapping):
        return None
    return {name: old.get(name) for name in ("stabilizationWindowSeconds", "selectPolicy", "policies")}
