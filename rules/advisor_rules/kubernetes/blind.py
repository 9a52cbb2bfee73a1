"""Autoscalers that divide by a request that is not there. Their rule speaks of all that the workload lacks, alone."""

from collections.abc import Iterator, Sequence

from advisor.model.finding import Finding
from advisor.model.kubernetes.autoscaler import Hpa, HpaMetric
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.workload import Workload
from advisor.model.proposal import NoProposal, Proposal
from advisor.model.snapshot import Snapshot
from advisor.settings.guide import GuideSettings
from advisor_rules.kubernetes.objects.hold import HoldReason, divisor, holds
from advisor_rules.kubernetes.request import request_proposal
from advisor_rules.kubernetes.sizing.lack import Lack, lacks

_INERT = (HoldReason.GOING, HoldReason.RIVALS, HoldReason.ASLEEP)
"""Then it does not divide at all."""


def offered_unless_blind(
    finding: Finding, snapshot: Snapshot, cluster: ClusterState, workload: Workload, guide: GuideSettings
) -> Sequence[Proposal]:
    """What other rules offer about its requests: nothing where the rule of a blind autoscaler offers them."""
    for hpa in cluster.hpas_of(workload):
        if blinding(cluster, hpa):
            return NoProposal(f"{hpa.title} divides by what is missing: see hpa-missing-requests")
    return request_proposal(finding, snapshot, cluster, workload, guide)


def blinding(cluster: ClusterState, hpa: Hpa) -> tuple[Lack, ...]:
    """The containers whose requests it divides by and does not find; none while it does not divide."""
    workload = cluster.target_of(hpa)
    if workload is None or any(hold.reason in _INERT for hold in holds(hpa, cluster)):
        return ()
    found: dict[str, Lack] = {}
    for metric in hpa.metrics:
        for lack in _missing(workload, metric):
            other = found.get(lack.container.name)
            names = dict.fromkeys((*other.resources, *lack.resources) if other is not None else lack.resources)
            found[lack.container.name] = Lack(container=lack.container, resources=tuple(names))
    return tuple(found.values())


def _missing(workload: Workload, metric: HpaMetric) -> Iterator[Lack]:
    """One container that says nothing fails the whole pod; one that says 0 fails it only where the sum is 0."""
    name = metric.divides_by
    if name is None:
        return
    sums_to_nothing = not divisor(metric, name, workload)
    for lack in lacks(workload, (name,)):
        is_silent = lack.container.resources.requests.of(name) is None
        if (is_silent or sums_to_nothing) and metric.container in ("", lack.container.name):
            yield lack
