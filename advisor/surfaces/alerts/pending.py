"""What waits to be looked at, and how it is written down."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from advisor.model.alert import Alert
from advisor.surfaces.alerts.matching import Task
from advisor.surfaces.redaction import redact

_SHOWN = 10
"""Alerts that an answer names; of the rest the number is enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """One task, and the alerts that want it: the first few of `count`. not_sent: more that their senders left out."""

    task: Task
    alerts: tuple[Alert, ...]
    count: int
    since: datetime
    not_sent: int = 0

    @property
    def id(self) -> str:
        """The same for the same task, in every process."""
        task, focus = self.task, self.task.focus
        parts = [task.kind, task.name, *sorted(focus.rules), "", *focus.applications, "", *focus.databases]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]

    def with_one_more(self, alert: Alert, not_sent: int) -> "Pending":
        shown = (*self.alerts, without_secrets(alert)) if len(self.alerts) < _SHOWN else self.alerts
        return replace(self, alerts=shown, count=self.count + 1, not_sent=max(self.not_sent, not_sent))


def without_secrets(alert: Alert) -> Alert:
    """As it is kept and shown: whoever writes alerts may have put a password into one."""
    return replace(
        alert,
        labels=_redacted(alert.labels),
        annotations=_redacted(alert.annotations),
        expression=redact(alert.expression),
    )


def _redacted(pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Told by the name, or by the value itself."""
    return tuple((name, redact(f"{name}={value}").removeprefix(f"{name}=")) for name, value in pairs)


_PENDING = TypeAdapter(Pending)


def to_text(pending: Pending) -> str:
    """As JSON; a line break or a NUL of somebody's label is an escape in it."""
    return _PENDING.dump_json(pending).decode()


def from_text(text: str) -> Pending | None:
    """What `to_text` wrote; None for what another version wrote, which will be sent again."""
    try:
        return _PENDING.validate_json(text)
    except ValidationError:
        return None
