"""Who is told of changes elsewhere: Slack, Microsoft Teams, a webhook. What is not configured is not even imported."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from advisor.journal.repository import SqlJournal
from advisor.ports.clock import Clock
from advisor.ports.notifier import Notifier
from advisor.ports.observing import SampleReader
from advisor.settings.schema import Settings
from advisor.surfaces.metrics import AdvisorMetrics


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What notifiers need of the rest. leads: whether this process does."""

    journal: SqlJournal
    metrics: AdvisorMetrics
    samples: SampleReader | None
    clock: Clock
    leads: Callable[[], bool]


def open_notifiers(settings: Settings, outside: Outside) -> tuple[Notifier, ...]:
    """None is started yet. Raises ConfigurationError."""
    return tuple(_notifiers(settings, outside))


def _notifiers(settings: Settings, outside: Outside) -> Iterator[Notifier]:
    if settings.slack.channel is not None:
        from advisor.wiring.slack import open_slack

        yield open_slack(settings, outside.journal, outside.metrics, outside.samples, outside.clock, outside.leads)
    if settings.notify.webhook_url is not None or settings.notify.teams_url is not None:
        yield _board(settings, outside)


def _board(settings: Settings, outside: Outside) -> Notifier:
    from advisor.surfaces.notices.board import NoticeBoard
    from advisor.surfaces.notices.destinations import Destination, SignedWebhook, Teams
    from advisor.wiring.secrets import webhook_secret

    destinations: list[Destination] = []
    notify = settings.notify
    secret = webhook_secret(notify)
    if notify.webhook_url is not None and secret is not None:
        secret.read()  # what is wrong is told at the start
        destinations.append(SignedWebhook(url=notify.webhook_url, secret=secret, clock=outside.clock))
    if notify.teams_url is not None:
        destinations.append(Teams(url=notify.teams_url))
    return NoticeBoard(
        destinations=destinations,
        journal=outside.journal,
        notebook=outside.journal.notebook(),
        clock=outside.clock,
        environment=settings.policy.environment,
        mode=settings.mode,
        leads=outside.leads,
        count=outside.metrics.notice_failed,
    )
