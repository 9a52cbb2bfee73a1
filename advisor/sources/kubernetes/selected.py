"""The workloads with certain labels: what is reported of a cluster that is read whole."""

from dataclasses import dataclass, field, replace

from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.selector import Selector, is_selected, parse_selector
from advisor.model.snapshot import Observation, SourceStatus
from advisor.ports.observing import Source


@dataclass(slots=True)
class SelectedWorkloads:
    """A cluster as a source, of which the other workloads are left out once everything is put together.

    The server is not asked for them alone: pods have labels of their own, and who owns them must be known.
    """

    cluster: Source
    text: str
    _selector: Selector = field(init=False)

    def __post_init__(self) -> None:
        """Raises ValueError for no selector."""
        self._selector = parse_selector(self.text)

    @property
    def name(self) -> str:
        return self.cluster.name

    def read(self, window_seconds: float) -> Observation:
        """DEGRADED where no workload has such labels. Raises as the cluster's own `read`."""
        seen = self.cluster.read(window_seconds)
        found = {name: selected(state, self._selector) for name, state in seen.clusters.items()}
        there = sum(len(state.workloads) for state in seen.clusters.values())
        left = sum(len(state.workloads) for state in found.values())
        told = "; ".join(
            part for part in (f"{left} of {there} workloads have the labels {self.text}", seen.detail) if part
        )
        status = SourceStatus.DEGRADED if there and not left else seen.status
        return replace(seen, clusters=found, status=status, detail=told)


def selected(state: ClusterState, selector: Selector) -> ClusterState:
    """With the workloads that have such labels, and the autoscalers of these."""
    workloads = tuple(one for one in state.workloads if is_selected(one.labels, selector))
    places = {one.meta.place for one in workloads}
    return replace(
        state,
        workloads=workloads,
        stray=tuple(one for one in state.stray if is_selected(one.pod.template.labels, selector)),
        hpas=tuple(hpa for hpa in state.hpas if hpa.target.place(hpa.meta.namespace) in places),
    )
