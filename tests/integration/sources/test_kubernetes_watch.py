"""A cluster that is looked at again and again: only changes are asked for, and a server that fails loses nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from advisor.clients.kubernetes import KubernetesApi
from advisor.model.errors import SourceUnavailableError
from advisor.model.kubernetes.kinds import KINDS
from advisor.model.snapshot import Observation, SourceStatus
from advisor.sources.kubernetes.source import KubernetesSource
from advisor.sources.kubernetes.watched import WatchedLists
from advisor.testing.clock import FakeClock
from tests.fakes.manifests import container, deployment
from tests.integration.sources.kubernetes_api import Api, serving, settings_for


@pytest.fixture
def api() -> Iterator[Api]:
    with serving() as made:
        made.objects = [space("shop"), space("back"), app("web"), app("ledger", "back")]
        yield made


def space(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}, "status": {"phase": "Active"}}


def app(name: str, namespace: str = "shop", cpu: str = "1") -> dict[str, Any]:
    made = deployment(name, [container(requests={"cpu": cpu, "memory": "1Gi"})])
    return {**made, "metadata": {"name": name, "namespace": namespace, "uid": f"u-{namespace}-{name}"}}


class Watcher:
    """The daemon's source. Its clock goes on by a minute before each look but the first."""

    def __init__(self, api: Api, source: KubernetesSource, clock: FakeClock) -> None:
        self.api, self.source, self.clock = api, source, clock

    def look(self, seconds: float = 60) -> Observation:
        self.api.asked.clear()
        self.clock.advance(seconds)
        return self.source.read(300)

    def asked(self, plural: str) -> list[dict[str, list[str]]]:
        """The queries of the last look about a kind."""
        paths = (urlsplit(one) for one in self.api.asked)
        return [parse_qs(one.query) for one in paths if one.path.endswith(f"/{plural}")]


@contextmanager
def watching(api: Api, folder: Path, **changes: Any) -> Iterator[Watcher]:
    settings, clock = settings_for(api, folder, **changes), FakeClock()
    source = KubernetesSource(KubernetesApi(settings), settings, clock, WatchedLists(clock).list_kind)
    try:
        yield Watcher(api, source, clock)
    finally:
        source.close()


def cores(seen: Observation) -> dict[str, str]:
    """What each workload asks for."""
    return {one.meta.name: str(one.template.request().cpu_cores) for one in seen.clusters["kubernetes"].workloads}


def test_after_the_first_list_only_changes_are_asked_for(api: Api, tmp_path: Path) -> None:
    with watching(api, tmp_path) as watcher:
        assert cores(watcher.look()) == {"ledger": "1", "web": "1"}
        assert [query.get("watch") for query in watcher.asked("deployments")] == [None]
        api.happen("ADDED", app("till"))
        api.happen("MODIFIED", app("web", cpu="2"))
        api.happen("DELETED", app("ledger", "back"))
        seen = watcher.look()
        assert (cores(seen), seen.status) == ({"till": "1", "web": "2"}, SourceStatus.OK)
        (query,) = watcher.asked("deployments")
        assert (query["watch"], query["resourceVersion"], query["allowWatchBookmarks"]) == (["true"], ["0"], ["true"])
        assert not any("limit=" in path for path in api.asked if not any(kind in path for kind in api.absent))


def test_a_bookmark_moves_the_version_where_nothing_of_a_kind_has_changed(api: Api, tmp_path: Path) -> None:
    with watching(api, tmp_path) as watcher:
        watcher.look()
        for number in range(5):
            api.happen("ADDED", app(f"app-{number}"))
        watcher.look()
        assert watcher.asked("pods")[0]["resourceVersion"] == ["0"]
        watcher.look()
        assert watcher.asked("pods")[0]["resourceVersion"] == ["5"]


def test_many_changes_of_one_object_are_kept_as_one(api: Api, tmp_path: Path) -> None:
    with watching(api, tmp_path) as watcher:
        watcher.look()
        for number in range(200):
            api.happen("MODIFIED", app("web", cpu=str(number + 1)))
        assert cores(watcher.look()) == {"ledger": "1", "web": "200"}


@pytest.mark.parametrize("kinds", ["forgetful", "breaking"])
def test_a_watch_that_ends_with_410_is_followed_by_a_list(api: Api, tmp_path: Path, kinds: str) -> None:
    """At once, or after its first event: what it told by then is in the list as well, and comes once."""
    with watching(api, tmp_path) as watcher:
        watcher.look()
        api.happen("ADDED", app("till"))
        api.happen("DELETED", app("web"))
        getattr(api, kinds).add("deployments")
        seen = watcher.look()
        assert (cores(seen), seen.status) == ({"ledger": "1", "till": "1"}, SourceStatus.OK)
        assert ["watch" in query for query in watcher.asked("deployments")] == [True, False]
        getattr(api, kinds).clear()
        watcher.look()
        assert [query["resourceVersion"] for query in watcher.asked("deployments")] == [["2"]]


def test_a_kind_that_hangs_is_shown_as_it_was_with_its_age(api: Api, tmp_path: Path) -> None:
    with watching(api, tmp_path, timeout_seconds="500ms") as watcher:
        watcher.look()
        api.hanging = {"deployments"}
        api.happen("DELETED", app("web"))
        seen = watcher.look(180)
        assert (cores(seen), seen.status) == ({"ledger": "1", "web": "1"}, SourceStatus.DEGRADED)
        said = "deployments.apps: as of 3m ago: no whole answer within 0.5 s (see kubernetes.timeout_seconds)"
        assert seen.detail == said
        api.hanging = set()
        assert cores(watcher.look()) == {"ledger": "1"}


def test_a_server_that_hangs_is_shown_as_it_was_until_that_is_too_long_ago(api: Api, tmp_path: Path) -> None:
    with watching(api, tmp_path, timeout_seconds="500ms", deadline_seconds="4s") as watcher:
        watcher.look()
        api.hanging = {kind.plural for kind in KINDS}
        seen = watcher.look(600)
        assert (cores(seen), seen.status) == ({"ledger": "1", "web": "1"}, SourceStatus.DEGRADED)
        assert "as of 10m ago" in seen.detail
        with pytest.raises(SourceUnavailableError):
            watcher.look(301)  # 901 s: more than a quarter of an hour


def test_a_namespace_that_vanishes_between_two_looks_goes_with_all_that_was_in_it(api: Api, tmp_path: Path) -> None:
    with watching(api, tmp_path, namespaces=["back", "shop"]) as watcher:
        assert cores(watcher.look()) == {"ledger": "1", "web": "1"}
        api.happen("DELETED", app("ledger", "back"))
        api.happen("DELETED", space("back"))
        seen = watcher.look()
        assert (cores(seen), seen.detail) == ({"web": "1"}, "namespace back: is not there (see kubernetes.namespaces)")


def test_a_namespace_that_is_gone_in_the_middle_of_a_look_is_told(api: Api, tmp_path: Path) -> None:
    with watching(api, tmp_path, namespaces=["back", "shop"]) as watcher:
        watcher.look()
        api.vanished = {"back/deployments"}
        seen = watcher.look()
        assert (cores(seen), seen.detail) == ({"web": "1"}, "deployments.apps: not there any more in back")


def test_without_the_right_to_watch_every_look_lists(api: Api, tmp_path: Path) -> None:
    with watching(api, tmp_path) as watcher:
        watcher.look()
        api.unwatchable = {"deployments"}
        api.happen("ADDED", app("till"))
        seen = watcher.look()
        assert (cores(seen), seen.status) == ({"ledger": "1", "till": "1", "web": "1"}, SourceStatus.OK)
        watcher.look()
        assert ["watch" in query for query in watcher.asked("deployments")] == [False]


def test_where_many_namespaces_are_named_a_look_lists_them_in_time(api: Api, tmp_path: Path) -> None:
    """11 kinds in 9 namespaces, a second each and four at a time, would be watched for 25 s."""
    names = ["shop", *(f"team-{number}" for number in range(8))]
    api.objects += [space(name) for name in names[1:]]
    with watching(api, tmp_path, namespaces=names, deadline_seconds="15s") as watcher:
        watcher.look()
        api.is_patient = True
        api.happen("ADDED", app("till", names[-1]))
        seen = watcher.look()
        assert (cores(seen), seen.status) == ({"till": "1", "web": "1"}, SourceStatus.OK)
        assert not any("watch" in query for query in watcher.asked("pods"))


def test_what_may_not_be_read_any_more_is_not_shown_from_before(api: Api, tmp_path: Path) -> None:
    with watching(api, tmp_path, namespaces=["shop"]) as watcher:
        watcher.look()
        api.forbidden = {"deployments"}
        seen = watcher.look()
        assert "deployments.apps: not allowed in shop" in seen.detail
        assert cores(seen) == {}


@pytest.mark.parametrize("body", [b'{"type": "ADDED", "obj', b'{"type": "ADDED"}\n', b"[]\n", b"<html>"])
def test_a_watch_that_is_garbled_is_followed_by_a_list(api: Api, tmp_path: Path, body: bytes) -> None:
    with watching(api, tmp_path) as watcher:
        watcher.look()
        api.garbled["deployments"] = body
        api.happen("ADDED", app("till"))
        assert cores(watcher.look()) == {"ledger": "1", "till": "1", "web": "1"}
