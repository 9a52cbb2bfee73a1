"""An autoscaler takes pods away faster than the guide's moderate setting: guide, "Scale-Down Speed"."""

from collections.abc import Sequence

from advisor.model.finding import Evidence, Finding, Severity
from advisor.model.kubernetes.autoscaler import DEFAULT_DOWN, Hpa, ScalingRules
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
from advisor_rules.kubernetes.scaling.speed import seconds_down

_ID = "hpa-fast-scale-down"
_HALF_GONE = "kubernetes.hpa_half_gone_seconds"
_SLOW = "where pods are dear to warm up, the guide's slow setting: window 600 s, 5% every 120 s"


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    return [
        _finding(cluster, hpa, context.guide)
        for cluster, hpa in hpas_of(snapshot)
        if _is_fast(hpa, context.guide) and not is_held(hpa, cluster, Part.DOWN)
    ]


def _is_fast(hpa: Hpa, guide: GuideSettings) -> bool:
    """Written so: the defaults, which a server may have filled in, are nobody's choice. A minimum may hold half."""
    if hpa.down == DEFAULT_DOWN or hpa.fewest > hpa.max_replicas // 2:
        return False
    return _seconds(hpa.down, hpa) < guide.kubernetes.scale_down_half_seconds


def _seconds(rules: ScalingRules, hpa: Hpa) -> float:
    return seconds_down(rules, hpa.max_replicas, hpa.max_replicas // 2)


def _finding(cluster: ClusterState, hpa: Hpa, guide: GuideSettings) -> Finding:
    seconds, limit = _seconds(hpa.down, hpa), guide.kubernetes.scale_down_half_seconds
    return Finding(
        rule=_ID,
        key=key_of(cluster, hpa.meta),
        severity=Severity.WARNING,
        subject=subject_of(hpa.meta),
        summary=f"{shown(hpa.meta)} may lose half of {hpa.max_replicas} pods {seconds:.0f} s after the load goes down",
        cause=f"{shown_rules(hpa.down)}: a dip that is over in a minute takes warm pods away",
        guide=SCALING,
        evidence=(Evidence(signal=_HALF_GONE, value=seconds, unit="s", threshold=limit),),
        waste_seconds_per_second=0.0,
    )


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    cluster, hpa = hpa_of(finding, snapshot)
    row = context.guide.kubernetes.scale_down
    wanted = Wanted(
        half="scaleDown",
        row=row,
        value=_seconds(rules_of(row), hpa),
        metric=_HALF_GONE,
        better=Better.HIGHER,
        gain_seconds=context.guide.kubernetes.scaling.pod_start_seconds,  # of one dip a day
        rationale="the guide's moderate setting waits until a dip has lasted, and then takes a few pods at a time",
        alternative=_SLOW,
    )
    return behavior_proposal(finding, (cluster, hpa, hpa.down), wanted, (snapshot, context))


HPA_FAST_SCALE_DOWN = Rule(
    id=_ID,
    title="An autoscaler takes pods away too fast",
    guide=SCALING,
    needs=needs("autoscalers"),
    alert=NotByMetrics(why="the behavior of an autoscaler stands in its object, and no metric carries it"),
    diagnose=_diagnose,
    propose=_propose,
)
