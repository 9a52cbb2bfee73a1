"""The HTTP application on a journal in memory or in a file, over a real socket."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests
from fastapi import APIRouter
from requests.adapters import HTTPAdapter
from starlette.types import ASGIApp

from advisor.engine.approvals import Approvals
from advisor.model.proposal import Risk
from advisor.surfaces.views.rule import rule_book_view
from advisor.surfaces.web.access import Access
from advisor.surfaces.web.application import application
from advisor.surfaces.web.backing import Backing
from advisor.surfaces.web.front import Front
from advisor.surfaces.web.health import Health
from advisor.surfaces.web.latest import LatestDiagnosis
from advisor.surfaces.web.server import BoundedProtocol, WebServer
from advisor.testing.clock import FakeClock
from advisor.testing.journal import InMemoryJournal
from advisor.wiring.rules.packs import load_packs

TOKEN = "0123456789abcdef-first"
SECOND = "0123456789abcdef-second"


def health(**answers: Callable[[], Any]) -> Health:
    """All is well, and this one leads."""
    return Health(
        **{"healthy": str, "ready": str, "role": lambda: "leads (term 1)", "metrics": lambda: b"m 1\n", **answers}
    )


@dataclass(kw_only=True)
class Api:
    """What stands behind the routes, and how to ask them once it serves."""

    journal: Any = field(default_factory=InMemoryJournal)
    latest: LatestDiagnosis = field(default_factory=LatestDiagnosis)
    clock: FakeClock = field(default_factory=FakeClock)
    two_people: Risk | None = None
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def backing(self) -> Backing:
        return Backing(
            environment="default",
            report=lambda: self.latest.report("propose"),
            rules=lambda: rule_book_view(load_packs({"builtin": "test"}), ()),
            records=self.journal,
            decisions=lambda: Approvals(
                journal=self.journal, listeners=(), clock=self.clock, two_people=self.two_people
            ),
            clock=self.clock,
        )

    def ask(self, method: str, path: str, *, source: str = "127.0.0.1", **options: Any) -> requests.Response:
        """source: the address of this machine that it comes from."""
        headers = {**self.headers, **options.pop("headers", {})}
        with requests.Session() as session:
            session.mount("http://", _From(source))
            return session.request(method, self.url + path, headers=headers, timeout=20, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.ask("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> requests.Response:
        return self.ask("POST", path, json=json, **options)


class _From(HTTPAdapter):
    def __init__(self, source: str) -> None:
        self._source = source
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, source_address=(self._source, 0), **options)


@contextmanager
def serving(
    api: Api | None = None,
    access: Access | None = None,
    *,
    guarded: Sequence[APIRouter] = (),
    open_routers: Sequence[APIRouter] = (),
    protocol: type[BoundedProtocol] = BoundedProtocol,
    **answers: Callable[[], Any],
) -> Iterator[Api]:
    """`api` behind a server of its own. access: anybody on this machine, where none is given."""
    own = api if api is not None else Api()

    def load() -> ASGIApp:
        return application(own.backing(), access or Access(), guarded=guarded, open_routers=open_routers)

    server = WebServer("127.0.0.1:0", Front(health(**answers), load), protocol)
    server.start()
    own.url = server.address
    try:
        yield own
    finally:
        server.stop()
