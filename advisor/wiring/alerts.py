"""The alert webhook, joined: the inbox that HTTP fills, and the worker that empties it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.model.alert import Alert
from advisor.ports.clock import Clock
from advisor.ports.events import AlertListener
from advisor.ports.notebook import Notebook
from advisor.settings.schema import Settings
from advisor.sources.prometheus.catalogue import load_templates
from advisor.sources.prometheus.expressions import metric_names, signals_by_metric
from advisor.surfaces.alerts.answer_log import AnswerLog
from advisor.surfaces.alerts.heard import HeardAlerts
from advisor.surfaces.alerts.inbox import Inbox
from advisor.surfaces.alerts.matching import Matcher, Task
from advisor.surfaces.alerts.silence import SilentApplications
from advisor.surfaces.alerts.worker import AlertWorker
from advisor.surfaces.metrics import AdvisorMetrics
from advisor.wiring.rules.book import rules_of

if TYPE_CHECKING:
    from fastapi import APIRouter


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertDesk:
    """Everything about alerts. silent: asked by the reader of a trial's samples; heard: by the trial itself."""

    inbox: Inbox
    worker: AlertWorker
    silent: SilentApplications
    heard: HeardAlerts
    metrics: AdvisorMetrics

    def router(self) -> "APIRouter":
        """The routes of the webhook; whoever serves them asks for the token."""
        from advisor.surfaces.alerts.route import router

        return router(self.inbox, self.metrics.alerts_came)


class _CurrentMatcher:
    """By the rules that are in force: the settings may change while alerts come."""

    def __init__(self, current: Callable[[], Settings]) -> None:
        """Raises ConfigurationError."""
        self._current = current
        self._made = self._make(current())

    def task(self, alert: Alert) -> Task:
        """May be asked from several threads: at worst a matcher is made twice."""
        of, matcher = self._made
        if (settings := self._current()) is not of:
            self._made = of, matcher = self._make(settings)
        return matcher.task(alert)

    def _make(self, settings: Settings) -> tuple[Settings, Matcher]:
        signals = signals_by_metric(load_templates(settings.prometheus.presets))
        return settings, Matcher(rules=rules_of(settings), signals=signals, metrics_of=metric_names)


def open_alerts(
    current: Callable[[], Settings],
    notebook: Notebook,
    metrics: AdvisorMetrics,
    clock: Clock,
    listeners: Sequence[AlertListener] = (),
) -> AlertDesk | None:
    """None where the webhook is off. What was taken before the restart is known before the first alert comes.

    current: the settings in force. listeners: told of each answer, beside the log. Raises ConfigurationError.
    """
    settings = current()
    if not settings.alerts.enabled:
        return None
    silent, heard = SilentApplications(notebook, clock), HeardAlerts()
    inbox = Inbox(
        task_of=_CurrentMatcher(current).task,
        size=settings.alerts.queue_size,
        notebook=notebook,
        clock=clock,
        counted=metrics.alerts_came,
        still_without_data=lambda task: silent.goes_on(task.name, task.focus),
    )
    inbox.sync()
    metrics.watch_alerts(inbox.waiting)
    worker = AlertWorker(
        inbox=inbox,
        silent=silent,
        clock=clock,
        listeners=(AnswerLog(), heard, *listeners),
        pause_seconds=settings.alerts.pause_seconds,
    )
    return AlertDesk(inbox=inbox, worker=worker, silent=silent, heard=heard, metrics=metrics)
