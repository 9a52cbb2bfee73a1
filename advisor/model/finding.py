"""What a rule found wrong, with the evidence."""

from dataclasses import dataclass
from enum import StrEnum

KnobValue = int | float | str | None


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The thing a finding is about, such as kind "table", name "public.messages"."""

    kind: str
    name: str
    namespace: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One number that speaks for a finding. `query` lets the reader fetch it again."""

    signal: str
    value: float | str
    unit: str
    threshold: float | str | None = None
    query: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One bottleneck.

    waste_seconds_per_second: what it costs, as seconds of callers' waiting per second of time (by Little's law
    the mean number of callers that wait because of it). One currency for all rules, so that they can be ranked.
    key: what the finding is about within its rule; with the rule it makes the stable id.
    """

    rule: str
    key: str
    severity: Severity
    subject: Subject
    summary: str
    cause: str
    guide: str
    evidence: tuple[Evidence, ...]
    waste_seconds_per_second: float

    @property
    def id(self) -> str:
        return f"{self.rule}/{self.key}"
