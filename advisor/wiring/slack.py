"""What goes out to Slack, joined."""

from collections.abc import Callable

import structlog

from advisor.clients.slack import SlackClient
from advisor.journal.repository import SqlJournal
from advisor.ports.clock import Clock
from advisor.ports.observing import SampleReader
from advisor.settings.extras import install
from advisor.settings.schema import Settings
from advisor.surfaces.metrics import AdvisorMetrics
from advisor.surfaces.slack.pace import Pace
from advisor.surfaces.slack.sender import Sender
from advisor.surfaces.slack.state import Memory
from advisor.surfaces.slack.telling.chart import is_drawable
from advisor.surfaces.slack.telling.conversation import Conversation
from advisor.surfaces.slack.telling.live import LiveNumbers
from advisor.surfaces.slack.telling.mail import Mail
from advisor.surfaces.slack.telling.once import Once
from advisor.surfaces.slack.telling.pictures import Pictures
from advisor.surfaces.slack.telling.quiet_hours import QuietHours
from advisor.surfaces.slack.telling.recommendations import Recommendations
from advisor.surfaces.slack.telling.threads import ChangeThreads

log = structlog.get_logger()


def slack_client(settings: Settings) -> SlackClient:
    """With the bot's token. Raises ConfigurationError."""
    return SlackClient(base_url=settings.slack.api_base_url, token_file=settings.slack.bot_token_file or "")


def open_slack(
    settings: Settings,
    journal: SqlJournal,
    metrics: AdvisorMetrics,
    samples: SampleReader | None,
    clock: Clock,
    leads: Callable[[], bool],
) -> Conversation:
    """Nothing is sent before it is started. Raises ConfigurationError."""
    slack, environment = settings.slack, settings.policy.environment
    if not is_drawable():
        log.info("slack_without_pictures", reason="matplotlib is not installed", fix=install("charts"))
    sender = Sender(
        api=slack_client(settings),
        channel=slack.channel or "",
        pace=Pace(monotonic=clock.monotonic),
        count=lambda fault: metrics.notice_failed("slack", fault.value),
    )
    memory, quiet = Memory(journal.notebook()), QuietHours(slack.quiet_hours)
    once = Once(memory=memory, sender=sender, clock=clock)
    threads = ChangeThreads(
        journal=journal,
        memory=memory,
        sender=sender,
        once=once,
        live=LiveNumbers(),
        pictures=Pictures(sender=sender, samples=samples),
        clock=clock,
        environment=environment,
        quiet=quiet,
    )
    return Conversation(
        threads=threads,
        recommendations=Recommendations(memory=memory, once=once, clock=clock, quiet=quiet),
        mail=Mail(memory=memory, once=once, clock=clock, quiet=quiet),
        clock=clock,
        mode=settings.mode,
        leads=leads,
        zone=slack.digest.zone if slack.digest is not None else "UTC",
        reports=slack.reports,
    )
