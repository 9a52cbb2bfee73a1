"""A request or limit that hardly anybody can mean, such as 100m of memory: guide, "Resource Requests and Limits"."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from advisor.model.finding import Evidence, Finding, Severity
from advisor.model.kubernetes.resources import Amount, ResourceName
from advisor.model.kubernetes.workload import Workload
from advisor.model.proposal import NoProposal, Proposal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import Rule, RuleContext, needs
from advisor.ports.rule_alert import NotByMetrics
from advisor_rules.kubernetes.objects.subject import RESOURCES, key_of, shown, subject_of, workloads_of

_ID = "implausible-quantity"
_LEAST_BYTES = 1024 * 1024
"""No process of a container lives in less than a mebibyte."""
_MOST_CORES = 512
"""More than the largest machines of the clouds have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Odd:
    container: str
    name: ResourceName
    amount: Amount

    def __str__(self) -> str:
        if self.name is ResourceName.CPU:
            return f"{self.container}: {self.name.show(self.amount)} cores of CPU ({self.amount}m meant?)"
        amount = int(self.amount)
        if amount <= 1:
            return f"{self.container}: memory of a byte or less, as m is a thousandth (Mi meant?)"
        return f"{self.container}: {amount} bytes of memory ({self.name.show(amount)}; k or Mi meant?)"


def _diagnose(snapshot: Snapshot, context: RuleContext) -> Sequence[Finding]:
    findings = []
    for cluster, workload in workloads_of(snapshot):
        odd = tuple(_odd(workload))
        if not odd:
            continue
        findings.append(
            Finding(
                rule=_ID,
                key=key_of(cluster, workload.meta),
                severity=Severity.WARNING,
                subject=subject_of(workload.meta),
                summary=f"{shown(workload.meta)} has amounts that nobody can mean: {'; '.join(map(str, odd))}",
                cause="the unit is missing or another one: 100m of memory is a tenth of a byte",
                guide=RESOURCES,
                evidence=(Evidence(signal="kubernetes.implausible", value=len(odd), unit="", threshold=0),),
                waste_seconds_per_second=0.0,
            )
        )
    return findings


def _odd(workload: Workload) -> Iterator[_Odd]:
    for container in workload.template.containers:
        amounts = (container.written.requests, container.written.limits)
        cores = max((one.cpu_cores for one in amounts if one.cpu_cores), default=None)
        memory = min((one.memory_bytes for one in amounts if one.memory_bytes), default=None)
        if cores is not None and cores > _MOST_CORES:
            yield _Odd(container=container.name, name=ResourceName.CPU, amount=cores)
        if memory is not None and memory < _LEAST_BYTES:
            yield _Odd(container=container.name, name=ResourceName.MEMORY, amount=memory)


def _propose(finding: Finding, snapshot: Snapshot, context: RuleContext) -> Sequence[Proposal]:
    return NoProposal("what was meant, only its author knows")


IMPLAUSIBLE_QUANTITY = Rule(
    id=_ID,
    title="A request or limit that hardly anybody can mean",
    guide=RESOURCES,
    needs=needs("workloads"),
    alert=NotByMetrics(why="a quantity is read from the object as it was written"),
    diagnose=_diagnose,
    propose=_propose,
)
