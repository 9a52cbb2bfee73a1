"""The alert webhook, joined: the inbox that HTTP fills, and the worker that empties it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.ports.clock import Clock
from advisor.ports.events import AlertListener
from advisor.ports.notebook import Notebook
from advisor.settings.schema import Settings
from advisor.sources.prometheus.catalogue import load_templates
from advisor.sources.prometheus.expressions import metric_names, signals_by_metric
from advisor.surfaces.alerts.answer_log import AnswerLog
from advisor.surfaces.alerts.inbox import Inbox
from advisor.surfaces.alerts.matching import Matcher
from advisor.surfaces.alerts.silence import SilentApplications
from advisor.surfaces.alerts.worker import AlertWorker
from advisor.surfaces.metrics import AdvisorMetrics
from advisor.wiring.rules.book import rules_of

if TYPE_CHECKING:
    from fastapi import APIRouter


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertDesk:
    """Everything about alerts. silent: asked by the reader of a trial's samples."""

    inbox: Inbox
    worker: AlertWorker
    silent: SilentApplications
    metrics: AdvisorMetrics

    def router(self) -> "APIRouter":
        """The routes of the webhook; whoever serves them asks for the token."""
        from advisor.surfaces.alerts.route import router

        return router(self.inbox, self.metrics.alerts_came)


def open_alerts(
    settings: Settings,
    notebook: Notebook,
    metrics: AdvisorMetrics,
    clock: Clock,
    listeners: Sequence[AlertListener] = (),
) -> AlertDesk | None:
    """None where the webhook is off. listeners: told of each answer, beside the log. Raises ConfigurationError."""
    if not settings.alerts.enabled:
        return None
    matcher = Matcher(
        rules=rules_of(settings),
        signals=signals_by_metric(load_templates(settings.prometheus.presets)),
        metrics_of=metric_names,
    )
    inbox = Inbox(
        task_of=matcher.task,
        size=settings.alerts.queue_size,
        notebook=notebook,
        clock=clock,
        counted=metrics.alerts_came,
    )
    metrics.watch_alerts(inbox.waiting)
    silent = SilentApplications(notebook, clock)
    worker = AlertWorker(
        inbox=inbox,
        silent=silent,
        clock=clock,
        listeners=(AnswerLog(), *listeners),
        pause_seconds=settings.alerts.pause_seconds,
    )
    return AlertDesk(inbox=inbox, worker=worker, silent=silent, metrics=metrics)
