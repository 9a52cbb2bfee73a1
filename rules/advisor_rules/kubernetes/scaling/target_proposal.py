"""Another CPU target as a proposal: the metrics with one number changed, and the old ones as the undo."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

from advisor.model.finding import Evidence, Finding
from advisor.model.kubernetes.autoscaler import Hpa, MetricKind, TargetKind
from advisor.model.proposal import Better, Goal, NoProposal, Prediction, Proposal, Risk
from advisor.model.signal import signal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import RuleContext
from advisor.settings.kubernetes.scaling import ScalingGuide
from advisor_rules.advice import advice
from advisor_rules.kubernetes.objects.patch import patch
from advisor_rules.kubernetes.objects.subject import hpa_of, part_of
from advisor_rules.kubernetes.objects.trial import Worth, saved_by, tried
from advisor_rules.kubernetes.scaling.case import case_of
from advisor_rules.kubernetes.scaling.told import DAY_SECONDS, OVERLOAD, POD_HOURS, assumptions, drawn, evidence, told
from advisor_rules.kubernetes.scaling.verdict import Verdict, percent_of, verdict_on

_SURE = 0.6
"""Below this chance a pattern is not plain."""


def target_proposal(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    """The best target of the replay, in both directions."""
    guide = context.guide.kubernetes.scaling
    cluster, hpa = hpa_of(finding, snapshot)
    case = case_of(cluster, hpa, snapshot, guide)
    verdict = verdict_on(case, context) if case is not None else None
    if case is None or verdict is None:
        return NoProposal("its demand is not known any more")
    written = [metrics_with(case.hpa, percent) for percent in (verdict.percent, case.percent)]
    if not case.hpa.tells_kinds:
        return NoProposal(
            "kube-state-metrics does not tell whether its cpu is of the whole pod or of one container, and a patch "
            "replaces spec.metrics as a whole: give the API, or change averageUtilization by hand"
        )
    if None in written:
        return NoProposal("how its other metrics are written is not known: change averageUtilization of cpu by hand")
    proposal = _proposal(finding, verdict, written, guide.pod_start_seconds)
    exact = (verdict.case.percent, verdict.percent)
    where = (cluster, case.workload, hpa.meta)
    return (tried(proposal, where, exact, _worth(verdict, guide), (snapshot, context)),)


def target_evidence(verdict: Verdict) -> tuple[Evidence, ...]:
    target = Evidence(
        signal="kubernetes.hpa_target_percent", value=verdict.case.percent, unit="%", threshold=verdict.percent
    )
    return (target, *evidence(verdict.choice.today, verdict.choice.best))


def _proposal(finding: Finding, verdict: Verdict, written: Sequence[Any], start_seconds: float) -> Proposal:
    case, choice = verdict.case, verdict.choice
    hpa, is_lower = case.hpa, verdict.percent < case.percent
    name = OVERLOAD if is_lower else POD_HOURS
    watched = signal(name, cluster=case.cluster.name, namespace=hpa.meta.namespace, hpa=hpa.meta.name)
    text = patch(case.cluster, hpa.meta, hpa.meta.ref, [{"spec": {"metrics": metrics}} for metrics in written])
    low, expected, high = choice.best.overload_seconds if is_lower else choice.best.pod_hours
    rationale = f"{verdict.percent}%: {told(choice.best)}; today's {case.percent}%: {told(choice.today)}"
    base = advice(finding, change="k8s.hpa", what=text.apply, rationale=rationale, metric=watched)
    return replace(
        base,
        target=part_of(case.cluster, hpa, "cpu"),
        current=case.percent,
        proposed=verdict.percent,
        unit="%",
        risk=Risk.LOW if is_lower else Risk.MEDIUM,
        goal=Goal(signal=watched, better=Better.LOWER, minimum_gain_ratio=0.0),
        prediction=Prediction(
            signal=watched, unit="s" if is_lower else "h", low=low, expected=expected, high=high, model="hpa-replay"
        ),
        undo=text.undo,
        doubts=tuple(_doubts(verdict, start_seconds)),
        alternatives=tuple(_alternatives(verdict)),
        plots=(drawn(choice.today, choice.best),),
    )


def _worth(verdict: Verdict, guide: ScalingGuide) -> Worth:
    """Overload that goes away is waited for; pods that go away, at the price of overload."""
    today, best = verdict.choice.today, verdict.choice.best
    if verdict.percent < verdict.case.percent:
        return Worth(gain=(today.overload_seconds[1] - best.overload_seconds[1]) / DAY_SECONDS)
    saved = (today.pod_hours[1] - best.pod_hours[1]) / max(today.pod_hours[1], 1e-9)
    return Worth(gain=saved / guide.overload_price, saves=saved_by("deployment.replicas", verdict.case.workload))


def _doubts(verdict: Verdict, start_seconds: float) -> Iterator[str]:
    yield from assumptions(verdict.case, start_seconds)
    if max(verdict.choice.best.peak.replicas) >= verdict.case.hpa.max_replicas:
        most = verdict.case.hpa.max_replicas
        yield f"on the busiest day it reaches maxReplicas {most}: demand above that was not seen"
    if verdict.case.hpa.meta.reconciler_note:
        yield verdict.case.hpa.meta.reconciler_note
    if verdict.pattern is not None and verdict.pattern.confidence < _SURE:
        yield f"the pattern is not plain: {verdict.pattern.pattern} with a chance of {verdict.pattern.confidence:.0%}"


def _alternatives(verdict: Verdict) -> Iterator[str]:
    guide = verdict.choice.guide
    if percent_of(guide) not in (verdict.percent, verdict.case.percent):
        yield f"the guide's {percent_of(guide)}% for {verdict.row}: {told(guide)}"


def metrics_with(hpa: Hpa, percent: int) -> list[Any] | None:
    """All of them as they are written, as a merge takes no less, with another target of CPU.

    One that is alone is made anew; None where it is not known how the others are written, or whether it is of one
    container.
    """
    if not hpa.tells_kinds:
        return None
    made = {
        "type": MetricKind.RESOURCE.value,
        "resource": {"name": "cpu", "target": {"type": TargetKind.UTILIZATION.value, "averageUtilization": percent}},
    }
    if not hpa.written_metrics:
        return [made] if len(hpa.metrics) == 1 else None
    return [made if _is_cpu(one) else deepcopy(dict(one)) for one in hpa.written_metrics]


def _is_cpu(metric: Mapping[str, Any]) -> bool:
    return metric.get("type") == MetricKind.RESOURCE and metric.get("resource", {}).get("name") == "cpu"
