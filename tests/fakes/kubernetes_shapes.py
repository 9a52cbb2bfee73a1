"""Odd but legal Kubernetes objects (kubernetes_shapes.yaml), by the number of their case."""

from pathlib import Path
from typing import Any

from advisor.model.finding import Finding
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.proposal import NoProposal, Proposal
from advisor.testing.snapshots import a_context, a_snapshot
from advisor_rules import ALL_RULES
from tests.fakes.manifests import cluster

_TEXTS = Path(__file__).with_name("kubernetes_shapes.yaml").read_text(encoding="utf-8").split("\n---\n")[1:]
CASES = {text.removeprefix("# id: ").partition("-")[0]: text for text in _TEXTS}
_RULES = [rule for rule in ALL_RULES if any(need.name in ("workloads", "autoscalers") for need in rule.needs)]


def shape(case: str, *more: dict[str, Any]) -> ClusterState:
    """What is seen of the case "k01" and of `more` objects."""
    return cluster(CASES[case], *more)


def findings_of(state: ClusterState) -> dict[str, Finding]:
    """By rule; none of the cases has two of one rule."""
    found = [finding for rule in _RULES for finding in rule.diagnose(a_snapshot(clusters=[state]), a_context())]
    by_rule = {finding.rule: finding for finding in found}
    assert len(by_rule) == len(found), [finding.id for finding in found]
    return by_rule


def offers_of(state: ClusterState) -> tuple[list[Proposal], list[str]]:
    """Every proposal, and the reason of each rule that proposes none."""
    seen, proposals, reasons = a_snapshot(clusters=[state]), list[Proposal](), list[str]()
    for rule in _RULES:
        for finding in rule.diagnose(seen, a_context()):
            offered = rule.propose(finding, seen, a_context())
            if isinstance(offered, NoProposal):
                reasons.append(offered.reason)
            proposals.extend(offered)
    return proposals, reasons
