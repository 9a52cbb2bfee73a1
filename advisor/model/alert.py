"""An alert of others, and what a look at it came to. Its texts are somebody else's: made visible and cut on arrival."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from advisor.model.finding import Finding
from advisor.model.proposal import Proposal
from advisor.model.report import Diagnosis

_SHOWN_LABELS = 8
_SHOWN_VALUE = 60
_SOON = timedelta(minutes=1)
"""Clocks of two machines differ by less than this without anybody being told."""


class Sender(StrEnum):
    ALERTMANAGER = "alertmanager"
    """Sends again after a 5xx, for as long as the alert fires."""
    GRAFANA = "grafana"
    """Never sends the same again before its repeat interval."""


class AlertStatus(StrEnum):
    FIRING = "firing"
    RESOLVED = "resolved"


class AlertKind(StrEnum):
    THRESHOLD = "threshold"
    """An expression came true."""
    NO_DATA = "no_data"
    """The rule could not be judged, as there were no samples."""
    QUERY_ERROR = "query_error"
    """The rule could not be judged, as its query failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert of a group, by its own status, which is not the group's.

    key: of group, fingerprint, start, status and all labels uncut; two with the same key are the same alert.
    undoes: the key of the same alert in its other status, where no start tells one firing from the next; "" elsewhere.
    starts_at, ends_at: aware, in UTC; None where the sender does not know. left_out: labels that were too many to keep.
    expression: the PromQL that fired, "" where it is not known. values: what the sender measured.
    """

    key: str
    status: AlertStatus
    kind: AlertKind = AlertKind.THRESHOLD
    name: str
    labels: tuple[tuple[str, str], ...]
    annotations: tuple[tuple[str, str], ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    expression: str = ""
    values: tuple[tuple[str, float], ...] = ()
    left_out: int = 0
    undoes: str = ""

    def label(self, name: str) -> str:
        """The value of one label, "" when it has none of that name."""
        return dict(self.labels).get(name, "")

    def annotation(self, name: str) -> str:
        return dict(self.annotations).get(name, "")

    @property
    def title(self) -> str:
        """Such as "PoolWaitHigh{app=crane,namespace=quay}"; the first few labels."""
        labels = [(name, value) for name, value in self.labels if name not in ("alertname", "rulename")]
        named = [f"{name}={value[:_SHOWN_VALUE]}{'…' * (len(value) > _SHOWN_VALUE)}" for name, value in labels]
        more = [f"{len(named) - _SHOWN_LABELS + self.left_out} more"] if len(named) > _SHOWN_LABELS else []
        return f"{self.name}{{{','.join(named[:_SHOWN_LABELS] + more)}}}"

    def lasted(self, now: datetime) -> timedelta | None:
        """How long it fired, until its end or now; never negative, None where its start is not known."""
        if self.starts_at is None:
            return None
        end = now if self.ends_at is None or self.status is AlertStatus.FIRING else self.ends_at
        return max(timedelta(0), end - self.starts_at)

    def clock_doubts(self, now: datetime) -> str:
        """What is odd about its times, "" when nothing is."""
        if self.starts_at is not None and self.starts_at - now > _SOON:
            return f"its start is {self.starts_at - now} ahead of this clock; it is looked at as of now"
        if self.starts_at is not None and self.ends_at is not None and self.ends_at < self.starts_at:
            return "it ended before it started; how long it lasted is not known"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedAlert:
    """One that could not be read, by its place in the group, from 0."""

    index: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertGroup:
    """One notification. not_sent: how many more alerts the sender left out; of those nothing is known."""

    sender: Sender
    receiver: str
    alerts: tuple[Alert, ...]
    refused: tuple[RefusedAlert, ...] = ()
    not_sent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """What a targeted look is for: these rules, and the first of these applications or databases that is known.

    Without any name it is for all applications.
    """

    rules: frozenset[str]
    applications: tuple[str, ...] = ()
    databases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.applications, *self.databases)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetedLook:
    """What was found for a focus; its diagnosis chooses nothing.

    application: the one of its names that is known here, "" where none is, or where it has none.
    """

    diagnosis: Diagnosis
    application: str


class AnswerOutcome(StrEnum):
    PROPOSED = "proposed"
    """A knob would help, or a person's work would."""
    NO_KNOB = "no_knob"
    """No knob will help; `why` says why."""
    NO_DATA = "no_data"
    """The sender could not judge its own rule."""
    UNKNOWN_APPLICATION = "unknown_application"
    OWN = "own"
    """It is about the advisor itself, for which no look is begun."""
    RESOLVED = "resolved"
    FAILED = "failed"
    """The look failed; `why` says how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertAnswer:
    """What the advisor says to alerts that came for one reason: a look's findings and proposals, or why there are none.

    alerts: the first few of `count`. not_sent: more that the sender left out. application: that was looked at, "" for
    none in particular. change_id: the open change that it was noted on, "" for none. notes: what else is worth knowing.
    """

    at: datetime
    outcome: AnswerOutcome
    alerts: tuple[Alert, ...]
    count: int
    not_sent: int = 0
    application: str = ""
    rules: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    why: str = ""
    change_id: str = ""
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The alert that it answers, and how many more."""
        more = f" and {self.count - 1} more" if self.count > 1 else ""
        return (self.alerts[0].title if self.alerts else "an alert") + more


def notes_of(alerts: Sequence[Alert], not_sent: int, now: datetime) -> tuple[str, ...]:
    """What is worth knowing of the alerts themselves: odd clocks, each once, and what was not sent."""
    doubts = dict.fromkeys(doubt for alert in alerts if (doubt := alert.clock_doubts(now)))
    unsent = (f"{not_sent} more were not sent",) if not_sent else ()
    return (*doubts, *unsent)
