"""Everything one observation saw, with what each source said of itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from advisor.model.database.workload import DatabaseState, RedisState
from advisor.model.knob import KnobTarget
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.usage import ClusterUsage
from advisor.model.signal import Measured, Missing, Reading, SignalKey, signal


class SourceStatus(StrEnum):
    OK = "ok"
    DEGRADED = "degraded"
    UNAVAILABLE = "unavailable"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """How one source fared. `detail` names what failed and the fix; it never holds a secret."""

    name: str
    status: SourceStatus
    detail: str = ""
    latency_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one source saw. presets: which each signal came from, where it came from one."""

    signals: Mapping[SignalKey, Reading] = field(default_factory=dict)
    presets: Mapping[SignalKey, str] = field(default_factory=dict)
    databases: Mapping[str, DatabaseState] = field(default_factory=dict)
    caches: Mapping[str, RedisState] = field(default_factory=dict)
    clusters: Mapping[str, ClusterState] = field(default_factory=dict)
    usage: ClusterUsage | None = None
    status: SourceStatus = SourceStatus.OK
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All sources at one moment; rates are over the `window_seconds` before `taken_at`. presets: as in Observation.

    usage: what the containers of these clusters used; None where nobody read it.
    """

    taken_at: datetime
    window_seconds: float
    signals: Mapping[SignalKey, Reading] = field(default_factory=dict)
    presets: Mapping[SignalKey, str] = field(default_factory=dict)
    databases: Mapping[str, DatabaseState] = field(default_factory=dict)
    caches: Mapping[str, RedisState] = field(default_factory=dict)
    clusters: Mapping[str, ClusterState] = field(default_factory=dict)
    usage: ClusterUsage | None = None
    sources: tuple[SourceReport, ...] = ()

    def reading(self, name: str, **labels: str) -> Reading:
        """The reading of exactly this signal; Missing when nobody delivered it."""
        return self.signals.get(signal(name, **labels), Missing(why=f"no source delivers {name}"))

    def value(self, name: str, **labels: str) -> float | None:
        """The measured value, None for every reading that is no evidence."""
        reading = self.reading(name, **labels)
        return reading.value if isinstance(reading, Measured) else None

    def preset(self, name: str, **labels: str) -> str:
        """The preset that exactly this signal came from; "" when it came from none."""
        return self.presets.get(signal(name, **labels), "")

    def keys(self, name: str, **labels: str) -> Iterator[SignalKey]:
        """All keys of signal `name` that carry these labels, in a stable order."""
        wanted = set(labels.items())
        yield from sorted(
            (key for key in self.signals if key.name == name and wanted <= set(key.labels)),
            key=lambda key: key.labels,
        )

    def shown(self, target: KnobTarget) -> tuple[SignalKey, ...]:
        """The keys under which an application's processes show the knob, one for each process."""
        app = target.get("app")
        found = (tuple(self.keys("knob.value", app=app, knob=name)) for name in target.names if app)
        return next((keys for keys in found if keys), ())

    def label_values(self, name: str, label: str, **labels: str) -> tuple[str, ...]:
        """The distinct values of `label` over all keys of signal `name`: the applications, the caches ..."""
        return tuple(sorted({key.label(label) for key in self.keys(name, **labels)}))
