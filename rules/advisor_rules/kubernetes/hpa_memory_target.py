"""An autoscaler's target on memory: guide, "HPA Threshold Tuning", "Memory Threshold"."""

from collections.abc import Sequence

from advisor.model.finding import Evidence, Finding, Severity
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.proposal import NoProposal, Proposal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import NotByMetrics
from advisor.settings.kubernetes.metrics import MetricGuide
from advisor_rules.kubernetes.objects.hold import Part, is_held
from advisor_rules.kubernetes.objects.subject import SCALING, hpa_of, hpas_of, key_of, shown, subject_of
from advisor_rules.kubernetes.scaling.held import held_text
from advisor_rules.kubernetes.scaling.memory_case import HELD, IDLE, MemoryCase, Trouble, case_of, row_percent
from advisor_rules.kubernetes.scaling.memory_change import instead_of_memory, lower_target
from advisor_rules.kubernetes.scaling.memory_load import MemoryKind
from advisor_rules.kubernetes.scaling.metrics_proposal import metrics_proposal

_ID = "hpa-memory-target"


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    return [
        _finding(cluster, case, trouble, context.guide.kubernetes.metrics)
        for cluster, hpa in hpas_of(snapshot)
        if not is_held(hpa, cluster, Part.TARGET)
        if (case := case_of(cluster, hpa, snapshot, context.guide.kubernetes)) is not None
        if (trouble := case.trouble(context.guide.kubernetes.metrics)) is not None
    ]


def _finding(cluster: ClusterState, case: MemoryCase, trouble: Trouble, guide: MetricGuide) -> Finding:
    meta, load = case.hpa.meta, case.load
    return Finding(
        rule=_ID,
        key=key_of(cluster, meta),
        severity=Severity.INFO if trouble is Trouble.FLOOR else Severity.WARNING,
        subject=subject_of(meta),
        summary=f"{shown(meta)} {_summary(case, trouble, guide)}",
        cause=f"{load.kind}; {_cause(case, trouble)}",
        guide=SCALING,
        evidence=(
            Evidence(signal=HELD, value=case.held, unit="pods", threshold=case.hpa.fewest),
            Evidence(
                signal="kubernetes.memory_load_share",
                value=round(load.share, 2),
                unit="",
                threshold=guide.least_load_share,
            ),
            Evidence(
                signal="kubernetes.memory_request_percent",
                value=round(case.percent),
                unit="%",
                threshold=float(case.target),
            ),
            Evidence(signal=IDLE, value=round(case.idle_percent), unit="%", threshold=float(case.target)),
        ),
        waste_seconds_per_second=0.0,
    )


def _summary(case: MemoryCase, trouble: Trouble, guide: MetricGuide) -> str:
    target = f"{float(case.target):g}% of its memory request"
    match trouble:
        case Trouble.TOO_HIGH:
            return f"scales at {target}, where the guide has {row_percent(case.load.kind, guide)}%"
        case Trouble.IDLE_ABOVE:
            return f"scales at {target}, of which a pod without load takes {case.idle_percent:.0f}%"
        case Trouble.DEAF | Trouble.FLOOR:
            return f"scales at {target}, and the memory does not follow the load"


def _cause(case: MemoryCase, trouble: Trouble) -> str:
    """What such a target measures, and what it comes to here."""
    means = "the target is a share of the request, of the working set with page cache that the kernel could take back"
    if trouble is Trouble.TOO_HIGH:
        return f"{means}; {case.load.share:.0%} of a busy hour's memory goes with the load"
    if trouble is Trouble.IDLE_ABOVE:
        return f"{means}; no number of pods gets below what each holds when it is idle"
    if case.load.kind is MemoryKind.LEAKS:
        return f"sooner or later it passes any target, and there will be {case.hpa.max_replicas} pods; {means}"
    kept = f"; {' and '.join(case.runtimes)} seldom gives back what it once took" if case.runtimes else ""
    return f"{held_text(case.percent, float(case.target), case.hpa)}; {means}{kept}"


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    cluster, hpa = hpa_of(finding, snapshot)
    guide = context.guide.kubernetes
    case = case_of(cluster, hpa, snapshot, guide)
    trouble = case.trouble(guide.metrics) if case is not None else None
    if case is None or trouble is None:
        return NoProposal("its usage does not tell it any more")
    is_high = trouble is Trouble.TOO_HIGH
    change = lower_target(case, guide.metrics) if is_high else instead_of_memory(cluster, case, guide.metrics)
    return NoProposal(change) if isinstance(change, str) else metrics_proposal(finding, cluster, hpa, change)


HPA_MEMORY_TARGET = Rule(
    id=_ID,
    title="An autoscaler's target on memory does not fit its memory",
    guide=SCALING,
    needs=needs("autoscalers", "usage"),
    alert=NotByMetrics(why="it looks at days of usage, which are read by grouped queries of their own"),
    diagnose=_diagnose,
    propose=_propose,
)
