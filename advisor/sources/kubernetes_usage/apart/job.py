"""What a look in a process of its own is given, and what it gives back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from advisor.model.errors import AdvisorError
from advisor.model.kubernetes.cluster import ClusterState
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.settings.prometheus import PrometheusSettings
from advisor.sources.kubernetes_usage.reader import Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """prometheus: with the patience of usage. state: of the API, None where there is none.

    memory: what the last look gave back, None for the first one. notes: those of the environment, for the first one.
    seconds: after which the process ends itself.
    """

    prometheus: PrometheusSettings
    kubernetes: KubernetesSettings
    environment: str
    now: datetime
    state: ClusterState | None
    memory: bytes | None
    notes: Mapping[str, str]
    seconds: float


@dataclass(frozen=True, slots=True)
class Fault:
    """An error as the parts that it is made of: an exception that needs more than one does not survive the way."""

    kind: type[AdvisorError]
    what: str
    where: str
    fix: str

    @classmethod
    def of(cls, error: AdvisorError) -> "Fault":
        return cls(type(error), error.what, error.where, error.fix)

    def error(self) -> AdvisorError:
        return self.kind(self.what, where=self.where, fix=self.fix)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """memory: for the next look, whether or not this one went well. notes: key and text to write, None to drop."""

    seen: Seen | Fault
    memory: bytes
    notes: Sequence[tuple[str, str | None]]


@dataclass(slots=True)
class NotesCopy:
    """A Notebook of one surface: the notes as they were, and what has been done to them since, in its order."""

    notes: dict[str, str]
    done: list[tuple[str, str | None]] = field(default_factory=list)

    def read(self, surface: str, key: str) -> str | None:
        return self.notes.get(key)

    def write(self, surface: str, key: str, text: str) -> None:
        self.notes[key] = text
        self.done.append((key, text))

    def add(self, surface: str, key: str, text: str) -> bool:
        if key in self.notes:
            return False
        self.write(surface, key, text)
        return True

    def drop(self, surface: str, key: str) -> None:
        if self.notes.pop(key, None) is not None:
            self.done.append((key, None))

    def entries(self, surface: str, prefix: str = "") -> Sequence[tuple[str, str]]:
        return [(key, text) for key, text in self.notes.items() if key.startswith(prefix)]
