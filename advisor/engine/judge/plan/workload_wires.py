"""What ends the trial of a change to a cluster at once: what goes wrong with the pods themselves. Pure.

Pods that are made anew warm up, and an autoscaler takes pods away: neither is an alarm. What is alarming either never
happened in the baseline, or lasts.
"""

from collections.abc import Iterator

from advisor.model.change import Tripwire
from advisor.model.kubernetes.kinds import workload_kind
from advisor.model.kubernetes.sizes import parse_sizes
from advisor.model.proposal import Better, Proposal
from advisor.model.signal import signal

_WHOLE = 0.5
"""Counts that Prometheus extrapolates lie beside whole numbers."""
_THROTTLED = 0.1
"""A tenth of the CPU periods more than ever before. The guide calls a quarter too much."""
_LASTS = 8
"""Points in a row, two minutes at the usual 15 s: longer than a pod usually takes to start."""


def workload_tripwires(proposal: Proposal) -> tuple[Tripwire, ...]:
    """Of the workload that gets other sizes, and of the autoscalers that are moved or whose target goes with them."""
    return (*_of_pods(proposal), *_of_autoscalers(proposal))


def _of_pods(proposal: Proposal) -> Iterator[Tripwire]:
    target = proposal.target
    kind = workload_kind(target.get("kind"))
    if kind is None:
        return
    of = {"namespace": target.get("namespace"), "kind": kind.name, "workload": target.get("name")}
    for name, what, points, slack in (
        ("workload.oom_kills", "containers are killed for want of memory", 1, _WHOLE),
        ("workload.crash_loops", "containers crash again and again", 2, _WHOLE),
        ("workload.evicted_pods", "pods are evicted", 2, _WHOLE),
        ("workload.unready_pods", "pods are not ready", _LASTS, _WHOLE),
        ("workload.throttled_ratio", "the CPU is throttled", 4, _THROTTLED),
    ):
        yield Tripwire(signal=signal(name, **of), better=Better.LOWER, what=what, points=points, slack=slack)


def _of_autoscalers(proposal: Proposal) -> Iterator[Tripwire]:
    """A change that needs all pods there may be leaves none for a peak; a new maximum is another bound."""
    target = proposal.target
    names = [target.get("name")] if target.get("part") and target.get("part") != "maxReplicas" else []
    if target.get("kind") and proposal.exact is not None:
        names = list(parse_sizes(str(proposal.exact[1])).targets)
    for name in names:
        yield Tripwire(
            signal=signal("autoscaler.at_maximum", namespace=target.get("namespace"), hpa=name),
            better=Better.LOWER,
            what="the autoscaler is at its maximum",
            points=_LASTS,
        )
