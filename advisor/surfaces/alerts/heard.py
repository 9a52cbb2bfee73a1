"""The alerts that came, as known events of a trial: what fired may have moved a metric, and may end by itself."""

import threading
from collections import deque
from collections.abc import Sequence
from datetime import datetime

from advisor.model.alert import Alert, AlertAnswer, AlertKind, AlertStatus, AnswerOutcome
from advisor.model.course import Mark, MarkKind

_MOST = 200


class HeardAlerts:
    """Implements AlertListener, and KnownEvents of what it was told. The latest two hundred, while the process lives:
    what a trial began with is in its own record by then.
    """

    def __init__(self) -> None:
        self._heard: deque[tuple[str, str, Mark]] = deque(maxlen=_MOST)
        self._lock = threading.Lock()

    def answered(self, answer: AlertAnswer) -> None:
        if answer.outcome is AnswerOutcome.OWN:
            return
        with self._lock:
            for alert in answer.alerts:
                mark = _mark(alert)
                if mark is not None and all(key != alert.key for key, _, _ in self._heard):
                    self._heard.append((alert.key, answer.application, mark))

    def marks(self, app: str, start: datetime, end: datetime) -> Sequence[Mark]:
        with self._lock:
            heard = list(self._heard)
        return [mark for _, of, mark in heard if of in ("", app) and start <= mark.at < end]


def _mark(alert: Alert) -> Mark | None:
    """None of one that no longer fires, or could not be judged, or whose start its sender does not know."""
    if alert.status is not AlertStatus.FIRING or alert.kind is not AlertKind.THRESHOLD or alert.starts_at is None:
        return None
    return Mark(kind=MarkKind.ALERT, at=alert.starts_at, what=f"{alert.title} began to fire")
