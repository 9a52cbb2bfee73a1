"""An autoscaler takes pods away and makes them again within minutes: guide, "Scale-Down Speed"."""

from collections.abc import Sequence

from advisor.model.finding import Evidence, Finding, Severity
from advisor.model.kubernetes.demand import DemandDay
from advisor.model.kubernetes.playing import HpaChoice
from advisor.model.proposal import Better, NoProposal, Proposal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import NotByMetrics
from advisor.settings.kubernetes.guide import KubernetesGuide, ScalingRow
from advisor_rules.kubernetes.objects.hold import Part
from advisor_rules.kubernetes.objects.subject import SCALING, hpa_of, key_of, shown, subject_of
from advisor_rules.kubernetes.scaling.behavior import Wanted, behavior_proposal, rules_of
from advisor_rules.kubernetes.scaling.behavior import shown as shown_rules
from advisor_rules.kubernetes.scaling.case import Case, case_of, cases_of, with_down
from advisor_rules.kubernetes.scaling.told import assumptions, drawn, told
from advisor_rules.kubernetes.scaling.verdict import resembles

_ID = "hpa-flapping"
_FLAPS = "kubernetes.hpa_flaps_a_day"
_MOVES = "kubernetes.hpa_moves_a_day"
_CALMER = 0.5
"""Of today's moves, that a remedy leaves at most."""


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    guide = context.guide.kubernetes.scaling
    return [
        _finding(case, count, guide.flapping_a_day)
        for case in cases_of(snapshot, guide, Part.DOWN)
        if (count := _flaps_a_day(case, guide.flapping_seconds)) >= guide.flapping_a_day
    ]


def _flaps_a_day(case: Case, within_seconds: float) -> float:
    return sum(_flaps(day, within_seconds) for day in case.demand.days) / case.days


def _flaps(day: DemandDay, within_seconds: float) -> int:
    """Falls after which as many pods as before are there again in time; one that is still under way counts once."""
    ahead = max(1, round(within_seconds / day.step_seconds))
    count, at = 0, 1
    while at < len(day.pods):
        before = day.pods[at - 1]
        later = day.pods[at : at + ahead + 1]
        back = next((place for place, pods in enumerate(later) if pods >= before), None)
        if day.pods[at] < before and back is not None:
            count += 1
            at += back
        at += 1
    return count


def _finding(case: Case, count: float, limit: float) -> Finding:
    return Finding(
        rule=_ID,
        key=key_of(case.cluster, case.hpa.meta),
        severity=Severity.WARNING,
        subject=subject_of(case.hpa.meta),
        summary=f"{shown(case.hpa.meta)} takes pods away and makes them again {count:.0f} times a day",
        cause=f"{shown_rules(case.hpa.down)}: dips that are over in minutes cost warm pods",
        guide=SCALING,
        evidence=(Evidence(signal=_FLAPS, value=round(count, 1), unit="", threshold=limit),),
        waste_seconds_per_second=0.0,
    )


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    """The faster of the guide's two settings that calms it, as played."""
    guide = context.guide.kubernetes
    cluster, hpa = hpa_of(finding, snapshot)
    case = case_of(cluster, hpa, snapshot, guide.scaling)
    if case is None:
        return NoProposal("its demand is not known any more")
    for row in (guide.scale_down, guide.slow_scale_down):
        choice = _played(case, row, context)
        if not resembles(case, choice.today, guide.scaling):
            return NoProposal("today's setting, played, has other pods than were seen: something else moves them too")
        if choice.guide.moves <= _CALMER * choice.today.moves:
            wanted = _wanted(case, row, choice, guide)
            return behavior_proposal(finding, (cluster, hpa, hpa.down), wanted, (snapshot, context))
    return NoProposal("neither of the guide's settings, played, has half of today's moves: its metric itself jumps")


def _played(case: Case, row: ScalingRow, context: RuleContext) -> HpaChoice:
    guide = context.guide.kubernetes.scaling
    calmer = with_down(case.plan(case.percent), rules_of(row))
    return context.autoscaler_model.choose(case.question(guide, calmer, (), guide.overload_price))


def _wanted(case: Case, row: ScalingRow, choice: HpaChoice, guide: KubernetesGuide) -> Wanted:
    moves = choice.guide.moves
    slow = "" if row == guide.slow_scale_down else shown_rules(rules_of(guide.slow_scale_down))
    return Wanted(
        half="scaleDown",
        row=row,
        value=moves,
        unit="",
        model="hpa-replay",
        metric=_MOVES,
        better=Better.LOWER,
        gain_seconds=(choice.today.moves - moves) / 2 * guide.scaling.pod_start_seconds,
        rationale=f"{moves:.0f} moves a day instead of {choice.today.moves:.0f}, with {told(choice.guide)} "
        f"instead of {told(choice.today)}",
        alternative=f"the guide's slow setting: {slow}" if slow else "a higher minimum, where pods are dear to warm up",
        doubts=tuple(assumptions(case, guide.scaling.pod_start_seconds)),
        plots=(drawn(choice.today, choice.guide),),
    )


HPA_FLAPPING = Rule(
    id=_ID,
    title="An autoscaler takes pods away and makes them again within minutes",
    guide=SCALING,
    needs=needs("autoscalers", "demand"),
    alert=NotByMetrics(why="it looks at days of pods, which are read by grouped queries of their own"),
    diagnose=_diagnose,
    propose=_propose,
)
