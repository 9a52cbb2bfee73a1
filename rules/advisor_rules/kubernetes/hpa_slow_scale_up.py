"""An autoscaler adds pods more slowly than the guide's moderate setting: guide, "Scale-Up Speed"."""

import math
from collections.abc import Sequence

from advisor.model.finding import Evidence, Finding, Severity
from advisor.model.kubernetes.autoscaler import Hpa, ScalingRules
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.proposal import Better, Proposal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import NotByMetrics
from advisor.settings.guide import GuideSettings
from advisor_rules.kubernetes.objects.hold import Part, is_held
from advisor_rules.kubernetes.objects.subject import SCALING, hpa_of, hpas_of, key_of, shown, subject_of
from advisor_rules.kubernetes.scaling.behavior import Wanted, behavior_proposal, rules_of
from advisor_rules.kubernetes.scaling.behavior import shown as shown_rules
from advisor_rules.kubernetes.scaling.speed import seconds_up

_ID = "hpa-slow-scale-up"
_DOUBLED = "kubernetes.hpa_doubled_seconds"
_AGGRESSIVE = "where crowds come at once, the guide's aggressive setting: window 0 s, 100% every 15 s"


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    return [
        _finding(cluster, hpa, context.guide)
        for cluster, hpa in hpas_of(snapshot)
        if _is_slow(hpa, context.guide) and not is_held(hpa, cluster, Part.UP)
    ]


def _goal(hpa: Hpa) -> int:
    """Twice its fewest pods, as far as it has room for them."""
    return min(2 * hpa.fewest, hpa.max_replicas)


def _seconds(rules: ScalingRules, hpa: Hpa) -> float:
    return seconds_up(rules, hpa.fewest, _goal(hpa))


def _is_slow(hpa: Hpa, guide: GuideSettings) -> bool:
    return _goal(hpa) > hpa.fewest and _seconds(hpa.up, hpa) > guide.kubernetes.scale_up_double_seconds


def _finding(cluster: ClusterState, hpa: Hpa, guide: GuideSettings) -> Finding:
    seconds, limit = _seconds(hpa.up, hpa), guide.kubernetes.scale_up_double_seconds
    told = "more than an hour" if math.isinf(seconds) else f"{seconds:.0f} s"
    return Finding(
        rule=_ID,
        key=key_of(cluster, hpa.meta),
        severity=Severity.WARNING,
        subject=subject_of(hpa.meta),
        summary=f"{shown(hpa.meta)} takes {told} to go from {hpa.fewest} to {_goal(hpa)} pods",
        cause=f"{shown_rules(hpa.up)}: until then the pods that are there carry twice their load",
        guide=SCALING,
        evidence=(Evidence(signal=_DOUBLED, value=min(seconds, 3600.0), unit="s", threshold=limit),),
        waste_seconds_per_second=0.0,
    )


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    cluster, hpa = hpa_of(finding, snapshot)
    row = context.guide.kubernetes.scale_up
    wanted = Wanted(
        half="scaleUp",
        row=row,
        value=_seconds(rules_of(row), hpa),
        metric=_DOUBLED,
        better=Better.LOWER,
        gain_seconds=min(_seconds(hpa.up, hpa), 3600.0) - _seconds(rules_of(row), hpa),  # of one doubling a day
        rationale="the guide's moderate setting adds half as many pods again every 30 s, without waiting first",
        alternative=_AGGRESSIVE,
    )
    return behavior_proposal(finding, (cluster, hpa, hpa.up), wanted, (snapshot, context))


HPA_SLOW_SCALE_UP = Rule(
    id=_ID,
    title="An autoscaler adds pods too slowly",
    guide=SCALING,
    needs=needs("autoscalers"),
    alert=NotByMetrics(why="the behavior of an autoscaler stands in its object, and no metric carries it"),
    diagnose=_diagnose,
    propose=_propose,
)
