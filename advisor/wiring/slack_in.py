"""What comes in from Slack, joined: by signed requests, by a socket of our own, or by both."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from advisor.clients.secret_file import read_secret
from advisor.clients.slack import SlackClient
from advisor.journal.repository import SqlJournal
from advisor.model.errors import ConfigurationError
from advisor.ports.clock import Clock
from advisor.ports.events import ChangeListener
from advisor.ports.surface import Surface
from advisor.settings.schema import Settings
from advisor.surfaces.slack.hearing.approvers import PATIENCE_SECONDS, Approvers
from advisor.surfaces.slack.hearing.decisions import Decisions
from advisor.surfaces.slack.hearing.interactions import Interactions
from advisor.surfaces.slack.hearing.receiver import Receiver
from advisor.surfaces.slack.hearing.replies import Replies
from advisor.surfaces.slack.hearing.rotating import RotatingApi
from advisor.surfaces.slack.hearing.signature import SignatureCheck
from advisor.surfaces.slack.hearing.socket_mode import Backoff, SocketMode
from advisor.surfaces.slack.hearing.surface import Hearing
from advisor.surfaces.slack.state import Memory
from advisor.wiring.changes import approvals_on

if TYPE_CHECKING:
    from fastapi import APIRouter

log = structlog.get_logger()

_SIGNING = "slack.signing_secret_file"
_APP_TOKEN = "slack.app_token_file"  # noqa: S105
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
    by_request, by_socket = slack.signing_secret_file, slack.app_token_file
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
    interactions = Interactions(
        app=slack.app_id,
        approvers=approvers,
        decisions=Decisions(
            house.journal,
            lambda: approvals_on(house.journal, house.current(), house.listeners, house.clock),
            house.clock,
        ),
        replies=replies,
        api=api,
        memory=Memory(house.journal.notebook()),
        count=house.count,
    )
    routers = (_router(house, by_request, interactions),) if by_request is not None else ()
    hearing: Surface = Hearing(approvers, replies)
    socket = (_socket(house, by_socket, interactions),) if by_socket is not None else ()
    return SlackIn(open_routers=routers, surfaces=(hearing, *socket))


def _router(house: House, file: str, interactions: Interactions) -> "APIRouter":
    from advisor.surfaces.slack.hearing.route import router

    read_secret(file, _SIGNING)
    check = SignatureCheck(lambda: _secret(file), house.journal.notebook(), house.clock)
    return router(Receiver(check, interactions, house.count))


def _secret(file: str) -> str:
    """As it is now, so that a rotation needs no restart; a file that is gone lets nobody in."""
    try:
        return read_secret(file, _SIGNING)
    except ConfigurationError as error:
        log.error("slack_secret_unreadable", error=str(error))
        return ""


def _socket(house: House, file: str, interactions: Interactions) -> SocketMode:
    from advisor.surfaces.slack.hearing.socket_session import SocketSession

    slack = house.current().slack
    api = SlackClient(base_url=slack.api_base_url, token_file=file, setting=_APP_TOKEN)
    return SocketMode(api, SocketSession, interactions.handle, Backoff(clock=house.clock))
