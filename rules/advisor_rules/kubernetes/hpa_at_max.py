"""An autoscaler has all the pods that it may have, and they are too busy: guide, "HPA Threshold Tuning"."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from advisor.model.finding import Evidence, Finding, Severity
from advisor.model.kubernetes.playing import HpaChoice
from advisor.model.proposal import Better, Goal, NoProposal, Prediction, Proposal, Risk
from advisor.model.signal import signal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import NotByMetrics
from advisor_rules.advice import advice
from advisor_rules.kubernetes.objects.patch import patch
from advisor_rules.kubernetes.objects.subject import SCALING, hpa_of, key_of, part_of, shown, subject_of
from advisor_rules.kubernetes.objects.trial import Worth, tried
from advisor_rules.kubernetes.scaling.case import Case, case_of, cases_of, with_most
from advisor_rules.kubernetes.scaling.room import Room, room_of
from advisor_rules.kubernetes.scaling.told import DAY_SECONDS, OVERLOAD, assumptions, drawn, told

_ID = "hpa-at-max"
_SHARE = "kubernetes.hpa_at_max_ratio"
_TOLERANCE = 1.1
"""The controller's own: within it nothing is asked for."""


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    guide = context.guide.kubernetes.scaling
    return [
        _finding(case, share, guide.at_max_ratio)
        for case in cases_of(snapshot, guide)
        if (share := _share(case)) >= guide.at_max_ratio
    ]


def _share(case: Case) -> float:
    """Of the time, with all pods there and busier than the target allows."""
    most, each = case.hpa.max_replicas, float(case.request) * case.percent / 100 * _TOLERANCE
    steps = [(cores, pods) for day in case.demand.days for cores, pods in zip(day.cores, day.pods, strict=True)]
    return sum(pods >= most and cores > pods * each for cores, pods in steps) / len(steps)


def _needed(case: Case) -> int:
    """What the highest demand seen asks for at its target."""
    highest = max(max(day.cores) for day in case.demand.days)
    return math.ceil(highest / (float(case.request) * case.percent / 100) - 1e-9)


def _finding(case: Case, share: float, limit: float) -> Finding:
    most = case.hpa.max_replicas
    return Finding(
        rule=_ID,
        key=key_of(case.cluster, case.hpa.meta),
        severity=Severity.WARNING,
        subject=subject_of(case.hpa.meta),
        summary=f"{shown(case.hpa.meta)} had all its {most} pods, above its target, {share:.0%} of the time",
        cause=f"it asked for up to {_needed(case)} pods, maxReplicas is {most}: those that are there carry the rest",
        guide=SCALING,
        evidence=(
            Evidence(signal=_SHARE, value=round(share, 4), unit="", threshold=limit),
            Evidence(signal="kubernetes.hpa_pods_asked_for", value=_needed(case), unit="pods", threshold=most),
        ),
        waste_seconds_per_second=0.0,
    )


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    guide = context.guide.kubernetes.scaling
    cluster, hpa = hpa_of(finding, snapshot)
    case = case_of(cluster, hpa, snapshot, guide)
    if case is None:
        return NoProposal("its demand is not known any more")
    room = room_of(cluster, case.workload)
    most = _needed(case) if room.most is None else min(_needed(case), room.most)
    if most <= hpa.max_replicas:
        return NoProposal(f"more pods have no room: {room.why}")
    raised = with_most(case.plan(case.percent), most)
    choice = context.autoscaler_model.choose(case.question(guide, raised, (), guide.overload_price))
    proposal = _proposal(finding, case, choice, room, guide.pod_start_seconds)
    saved = choice.today.overload_seconds[1] - choice.guide.overload_seconds[1]
    exact = (hpa.max_replicas, choice.guide.plan.max_replicas)
    where = (cluster, case.workload, hpa.meta)
    return (tried(proposal, where, exact, Worth(gain=saved / DAY_SECONDS), (snapshot, context)),)


def _proposal(finding: Finding, case: Case, choice: HpaChoice, room: Room, start_seconds: float) -> Proposal:
    hpa, most = case.hpa, choice.guide.plan.max_replicas
    watched = signal(OVERLOAD, cluster=case.cluster.name, namespace=hpa.meta.namespace, hpa=hpa.meta.name)
    changes = [{"spec": {"maxReplicas": count}} for count in (most, hpa.max_replicas)]
    text = patch(case.cluster, hpa.meta, hpa.meta.ref, changes)
    rationale = f"up to {most} pods: {told(choice.guide)}; today's {hpa.max_replicas}: {told(choice.today)}"
    base = advice(finding, change="k8s.hpa", what=text.apply, rationale=rationale, metric=watched)
    low, expected, high = choice.guide.overload_seconds
    return replace(
        base,
        target=part_of(case.cluster, hpa, "maxReplicas"),
        current=hpa.max_replicas,
        proposed=most,
        unit="pods",
        risk=Risk.LOW,
        goal=Goal(signal=watched, better=Better.LOWER, minimum_gain_ratio=0.0),
        prediction=Prediction(signal=watched, unit="s", low=low, expected=expected, high=high, model="hpa-replay"),
        undo=text.undo,
        doubts=tuple(_doubts(case, most, room, start_seconds)),
        plots=(drawn(choice.today, choice.guide),),
    )


def _doubts(case: Case, most: int, room: Room, start_seconds: float) -> Iterator[str]:
    yield from assumptions(case, start_seconds)
    yield f"usage is cut off while all {case.hpa.max_replicas} pods are busy: more may be asked for than was seen"
    if most < _needed(case):
        yield f"{_needed(case)} pods were asked for: {room.why}"
    yield from room.perhaps
    if case.hpa.meta.reconciler_note:
        yield case.hpa.meta.reconciler_note
    if room.most is None:
        yield "whether nodes have room for more pods is not known"


HPA_AT_MAX = Rule(
    id=_ID,
    title="An autoscaler has all the pods that it may have, and they are too busy",
    guide=SCALING,
    needs=needs("autoscalers", "demand"),
    alert=NotByMetrics(why="whether its pods are above its target at the maximum is in no one metric"),
    diagnose=_diagnose,
    propose=_propose,
)
