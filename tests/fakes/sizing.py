"""Asks a rule of sizes about one Deployment and its usage."""

import json
import shlex
from typing import Any

from advisor.model.finding import Finding
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.usage import ClusterUsage, ContainerUsage
from advisor.model.proposal import NoProposal, Proposal
from advisor.ports.rule import Rule
from advisor.settings.guide import GuideSettings
from advisor.testing.snapshots import a_context, a_snapshot
from tests.fakes.usage import cluster_usage


def ask(
    rule: Rule, state: ClusterState, usage: ContainerUsage | ClusterUsage, guide: GuideSettings | None = None
) -> tuple[Finding, Any]:
    """The only finding, and what is proposed."""
    whole = usage if isinstance(usage, ClusterUsage) else cluster_usage(usage)
    seen = a_snapshot(clusters=[state], usage=whole)
    (finding,) = rule.diagnose(seen, a_context(guide=guide))
    return finding, rule.propose(finding, seen, a_context(guide=guide))


def found(rule: Rule, state: ClusterState, usage: ContainerUsage) -> list[str]:
    return [one.summary for one in rule.diagnose(a_snapshot(clusters=[state], usage=cluster_usage(usage)), a_context())]


def the_proposal(rule: Rule, state: ClusterState, usage: ContainerUsage | ClusterUsage, **more: Any) -> Proposal:
    (proposal,) = ask(rule, state, usage, **more)[1]
    assert isinstance(proposal, Proposal)
    return proposal


def why_none(rule: Rule, state: ClusterState, usage: ContainerUsage | ClusterUsage) -> str:
    answer = ask(rule, state, usage)[1]
    assert isinstance(answer, NoProposal)
    return answer.reason


def resources_of(text: str) -> Any:
    """By container, as the patch within a kubectl command has them."""
    (change,) = (word for word in shlex.split(text) if word.startswith("--patch="))
    body = json.loads(change.removeprefix("--patch="))
    return {one["name"]: one["resources"] for one in body["spec"]["template"]["spec"]["containers"]}
