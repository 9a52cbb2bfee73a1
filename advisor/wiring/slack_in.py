"""What comes in from Slack, joined: by signed requests, by a socket of our own, or by both."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from advisor.clients.slack import SlackClient
from advisor.engine.approvals import Approvals
from advisor.journal.repository import SqlJournal
from advisor.ports.clock import Clock
from advisor.ports.events import ChangeListener
from advisor.ports.surface import Surface
from advisor.settings.schema import Settings
from advisor.settings.secret_file import SecretFile
from advisor.surfaces.slack.hearing.approvers import PATIENCE_SECONDS, Approvers
from advisor.surfaces.slack.hearing.decisions import Decisions
from advisor.surfaces.slack.hearing.interactions import Interactions
from advisor.surfaces.slack.hearing.receiver import Receiver
from advisor.surfaces.slack.hearing.replies import Replies
from advisor.surfaces.slack.hearing.rotating import RotatingApi
from advisor.surfaces.slack.hearing.rule_snoozes import RuleSnoozes
from advisor.surfaces.slack.hearing.signature import SignatureCheck
from advisor.surfaces.slack.hearing.socket_mode import Backoff, SocketMode
from advisor.surfaces.slack.hearing.surface import Hearing
from advisor.surfaces.slack.state import Memory
from advisor.wiring.changes import approvals_on
from advisor.wiring.secrets import APP_TOKEN, signing_secret

if TYPE_CHECKING:
    from fastapi import APIRouter

log = structlog.get_logger()

_CALL_SECONDS = 5
"""Of a call while somebody waits for a form or an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What a decision needs of the daemon.

    current: the settings in force. listeners: are told what was decided. count: what became of each press.
    patience_seconds: for Slack's answer to who is in a group.
    """

    current: Callable[[], Settings]
    journal: SqlJournal
    listeners: Sequence[ChangeListener]
    clock: Clock
    count: Callable[[str], None]
    patience_seconds: float = PATIENCE_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackIn:
    """open_routers: of requests that prove by their signature where they come from; no token is asked for."""

    open_routers: "tuple[APIRouter, ...]" = ()
    surfaces: tuple[Surface, ...] = ()


def open_hearing(house: House) -> SlackIn:
    """Nothing where nobody may press. Raises ConfigurationError for a secret's file that does not do."""
    slack = house.current().slack
    by_request, by_socket = signing_secret(slack), slack.app_token_file
    if slack.channel is None or (by_request is None and by_socket is None):
        return SlackIn()
    if not slack.approvers:
        log.warning("slack_without_approvers", fix="name users or groups in slack.approvers; until then nobody decides")
    client = SlackClient(
        base_url=slack.api_base_url, token_file=slack.bot_token_file or "", timeout_seconds=_CALL_SECONDS
    )
    api = RotatingApi(client)
    approvers = Approvers(slack.approvers, slack.team, api, house.clock, house.patience_seconds)
    replies = Replies(api, slack.api_base_url)
    memory = Memory(house.journal.notebook())
    interactions = Interactions(
        app=slack.app_id,
        approvers=approvers,
        decisions=Decisions(house.journal, lambda: _word(house), house.clock),
        rules=RuleSnoozes(memory, lambda: _word(house), house.clock, house.current().policy.environment),
        replies=replies,
        api=api,
        memory=memory,
        count=house.count,
    )
    routers = (_router(house, by_request, interactions),) if by_request is not None else ()
    hearing: Surface = Hearing(approvers, replies)
    socket = (_socket(house, by_socket, interactions),) if by_socket is not None else ()
    return SlackIn(open_routers=routers, surfaces=(hearing, *socket))


def _word(house: House) -> Approvals:
    return approvals_on(house.journal, house.current(), house.listeners, house.clock)


def _router(house: House, secret: SecretFile, interactions: Interactions) -> "APIRouter":
    from advisor.surfaces.slack.hearing.route import router

    secret.read()  # what is wrong is told at the start; later, a file that does not do lets nobody in
    check = SignatureCheck(lambda: secret.current() or "", house.journal.notebook(), house.clock)
    return router(Receiver(check, interactions, house.count))


def _socket(house: House, file: str, interactions: Interactions) -> SocketMode:
    from advisor.surfaces.slack.hearing.socket_session import SocketSession

    slack = house.current().slack
    api = SlackClient(base_url=slack.api_base_url, token_file=file, setting=APP_TOKEN)
    return SocketMode(api, SocketSession, interactions.handle, Backoff(clock=house.clock))
