"""A real API server that is looked at again and again: what it tells of changes, with the rights of an account."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import yaml

from advisor.clients.deadline import Deadline
from advisor.clients.kubernetes import KubernetesApi
from advisor.model.kubernetes.kinds import IN_NAMESPACES
from advisor.model.snapshot import Observation, SourceStatus
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.sources.kubernetes.rights import role_manifests
from advisor.sources.kubernetes.source import KubernetesSource
from advisor.sources.kubernetes.watched import WatchedLists
from advisor.testing.clock import FakeClock
from tests.cluster.cluster import Cluster
from tests.cluster.objects import placed
from tests.cluster.test_reading import may_read, settings_for
from tests.fakes.manifests import container, deployment

FULL = [container(requests={"cpu": "100m", "memory": "64Mi"})]


class Listened(KubernetesApi):
    """Keeps what was asked about Deployments: "list", or "watch" and the version it began at."""

    def __init__(self, settings: KubernetesSettings) -> None:
        super().__init__(settings)
        self.asked: list[str] = []

    def fetch(self, path: str, deadline: Deadline, **query: object) -> tuple[bytes, Mapping[str, str]]:
        if path.endswith("/deployments"):
            self.asked.append(f"watch {query['resource_version']}" if "watch" in query else "list")
        return super().fetch(path, deadline, **query)


@contextmanager
def watching(kubeconfig: Path, namespace: str) -> Iterator[tuple[KubernetesSource, Listened]]:
    settings, clock = settings_for(kubeconfig, namespace), FakeClock()
    api = Listened(settings)
    source = KubernetesSource(api, settings, clock, WatchedLists(clock).list_kind)
    try:
        yield source, api
    finally:
        source.close()


def replicas(seen: Observation) -> dict[str, int | None]:
    return {one.meta.name: one.replicas for one in seen.clusters["kubernetes"].workloads}


def idle(name: str, namespace: str) -> dict[str, object]:
    return placed(deployment(name, FULL, replicas=0), namespace)


def test_what_was_made_changed_and_deleted_since_is_seen_without_a_list(cluster: Cluster, namespace: str) -> None:
    cluster.create(idle("web", namespace))
    cluster.create(idle("old", namespace))
    with watching(cluster.kubeconfig, namespace) as (source, api):
        assert replicas(source.read(300)) == {"old": 0, "web": 0}
        cluster.create(idle("new", namespace))
        cluster.patch("apps/v1", "Deployment", "web", namespace, {"metadata": {"labels": {"seen": "again"}}})
        cluster.delete("apps/v1", "Deployment", "old", namespace)
        seen = source.read(300)
        assert (replicas(seen), seen.status) == ({"new": 0, "web": 0}, SourceStatus.OK)
        labels = {one.meta.name: dict(one.labels) for one in seen.clusters["kubernetes"].workloads}
        assert labels["web"] == {"seen": "again"}
        source.read(300)
        first, second, third = api.asked
        assert first == "list"
        assert second.startswith("watch ")
        assert third.startswith("watch ")
        assert int(third.split()[1]) > int(second.split()[1])


def test_an_account_without_the_verb_watch_is_shown_lists(cluster: Cluster, namespace: str) -> None:
    account = cluster.account(namespace, "lists-only", may_read())
    cluster.create(idle("web", namespace))
    with watching(account, namespace) as (source, api):
        source.read(300)
        cluster.create(idle("new", namespace))
        assert replicas(source.read(300)) == {"new": 0, "web": 0}
        source.read(300)
        assert [one.split()[0] for one in api.asked] == ["list", "watch", "list", "list"]


def test_the_role_that_the_doctor_prints_lets_the_daemon_watch(cluster: Cluster, namespace: str) -> None:
    role = yaml.safe_load(role_manifests(IN_NAMESPACES, namespace))
    account = cluster.account(namespace, "watcher", role["rules"])
    cluster.create(idle("web", namespace))
    with watching(account, namespace) as (source, api):
        source.read(300)
        cluster.create(idle("new", namespace))
        assert replicas(source.read(300)) == {"new": 0, "web": 0}
        assert [one.split()[0] for one in api.asked] == ["list", "watch"]
