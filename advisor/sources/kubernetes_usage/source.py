"""Usage as a source: with the cluster that it belongs to, whose owners it is joined to."""

from dataclasses import dataclass, field, replace

from advisor.model.errors import AdvisorError
from advisor.model.kubernetes.cluster import told
from advisor.model.snapshot import Observation, SourceStatus
from advisor.ports.observing import Source
from advisor.sources.kubernetes_usage.answers.names import CLUSTER
from advisor.sources.kubernetes_usage.reader import UsageReader


@dataclass(slots=True)
class MeasuredCluster:
    """A cluster or a folder of manifests, and the usage of its containers beside it.

    Usage that cannot be read degrades it; the objects are reported all the same.
    """

    cluster: Source
    usage: UsageReader

    @property
    def name(self) -> str:
        return self.cluster.name

    def read(self, window_seconds: float) -> Observation:
        """Raises as the cluster's own `read`."""
        seen = self.cluster.read(window_seconds)
        (state,) = seen.clusters.values()
        try:
            usage, _ = self.usage.read(state)
        except AdvisorError as error:
            detail = "; ".join(part for part in (seen.detail, f"no usage: {error}") if part)
            return replace(seen, status=SourceStatus.DEGRADED, detail=detail)
        detail = "; ".join((seen.detail, _told(len(usage.containers), usage.queries, usage.notes)))
        return replace(seen, usage=usage, detail=detail)


@dataclass(slots=True)
class RecordedCluster:
    """Where there is no API: what Prometheus alone knows of a cluster."""

    usage: UsageReader
    name: str = field(default="kubernetes usage", init=False)

    def read(self, window_seconds: float) -> Observation:
        """Raises BadDataError, SourceUnavailableError."""
        usage, state = self.usage.read(None)
        clusters = {CLUSTER: state} if state is not None else {}
        untold = told((*state.unread, *usage.left_out, *state.skipped)) if state is not None else ""
        notes = (*usage.notes, *([untold] if untold else []))
        return Observation(clusters=clusters, usage=usage, detail=_told(len(usage.containers), usage.queries, notes))


def _told(containers: int, queries: int, notes: tuple[str, ...]) -> str:
    return "; ".join((f"usage of {containers} containers by {queries} queries", *notes))
