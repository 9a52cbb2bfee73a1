"""The HTTP surface, joined: whom it lets in, and what it shows and decides."""

import ipaddress
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import structlog
from starlette.types import ASGIApp

from advisor.journal.repository import SqlJournal
from advisor.ports.clock import Clock
from advisor.ports.events import ChangeListener
from advisor.settings.schema import Settings
from advisor.settings.surfaces.web import WebSettings
from advisor.surfaces.views.rule import rule_book_view
from advisor.surfaces.web.access import Access, TrustedProxies
from advisor.surfaces.web.backing import Backing
from advisor.surfaces.web.front import Front
from advisor.surfaces.web.health import Health
from advisor.surfaces.web.latest import LatestDiagnosis
from advisor.surfaces.web.server import WebServer
from advisor.surfaces.web.tokens import TokenFiles
from advisor.wiring.changes import approvals_on
from advisor.wiring.rules.book import rule_book

if TYPE_CHECKING:
    from fastapi import APIRouter

log = structlog.get_logger()


def backing_of(
    current: Callable[[], Settings],
    journal: SqlJournal,
    latest: LatestDiagnosis,
    listeners: Sequence[ChangeListener],
    clock: Clock,
) -> Backing:
    """current: the settings in force. journal: one that only the web uses, so that its readers hold up no cycle."""
    return Backing(
        environment=current().policy.environment,
        report=lambda: latest.report(current().mode.value),
        rules=lambda: rule_book_view(rule_book(current()), current().disabled_rules),
        records=journal,
        decisions=lambda: approvals_on(journal, current(), listeners, clock),
        clock=clock,
    )


def web_server(
    settings: WebSettings,
    backing: Backing,
    health: Health,
    *,
    guarded: Sequence[Callable[[], "APIRouter"]] = (),
    open_routers: Sequence["APIRouter"] = (),
) -> WebServer:
    """Bound, and not started. guarded: further routes, made when somebody asks for the first one that is not health.

    open_routers: of those who wait for no answer longer than a moment; with them all is loaded before the start.
    Raises ConfigurationError for a bad token file, or an address that is bad or taken.
    """
    access = access_of(settings)
    if access.tokens is None and access.proxies is None:
        fix = "name web.token_files to ask for a token"
        log.info("web_without_token", address=settings.listen_address, reaches="this machine only", fix=fix)

    def load() -> ASGIApp:
        from advisor.surfaces.web.application import application

        return application(backing, access, guarded=[make() for make in guarded], open_routers=open_routers)

    return WebServer(settings.listen_address, Front(health, load, at_once=bool(open_routers)))


def access_of(settings: WebSettings) -> Access:
    """Raises ConfigurationError for a token file that does not do."""
    proxies = None
    if settings.trusted_user_header is not None:
        networks = tuple(ipaddress.ip_network(text, strict=False) for text in settings.trusted_proxies)
        proxies = TrustedProxies(header=settings.trusted_user_header, networks=networks)
    return Access(tokens=TokenFiles(settings.token_files) if settings.token_files else None, proxies=proxies)
