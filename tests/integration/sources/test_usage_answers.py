"""Usage from a querier that cannot see all, refuses, or is away: said, and the cluster is reported all the same."""

from contextlib import closing
from datetime import UTC, datetime

import pytest

from advisor.clients.prometheus import PrometheusApi
from advisor.model.errors import AdvisorError, BadDataError
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.snapshot import Observation, SourceStatus
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.sources.kubernetes_usage.answers.asking import MOST_QUERIES
from advisor.sources.kubernetes_usage.looks import UsageLooks
from advisor.sources.kubernetes_usage.reader import UsageReader
from advisor.sources.kubernetes_usage.source import MeasuredCluster
from advisor.testing.clock import FakeClock
from tests.fakes.manifests import autoscaler, cluster, container, deployment
from tests.integration.sources.scripted import Reply, Scripted, settings_for, success

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
EMPTY = success("matrix", [])
REFUSED = Reply(status=422, body=b'{"status": "error", "errorType": "execution", "error": "too many samples"}')


class OneCluster:
    """A source that sees one Deployment."""

    name = "kubernetes"

    def read(self, window_seconds: float) -> Observation:
        state: ClusterState = cluster(deployment("web", [container()]))
        return Observation(clusters={"kubernetes": state}, detail="1 workloads")


def read(server: Scripted) -> Observation:
    with closing(PrometheusApi(settings_for(server))) as api:
        reader = UsageReader(UsageLooks(api, KubernetesSettings(), {}), 900, FakeClock(NOON))
        return MeasuredCluster(OneCluster(), reader).read(300)


def test_a_partial_answer_is_no_usage_and_hides_no_cluster(server: Scripted) -> None:
    server.answer(success("matrix", [], warnings=["store-3 did not answer"]))
    seen = read(server)
    assert (seen.usage, seen.status, list(seen.clusters)) == (None, SourceStatus.DEGRADED, ["kubernetes"])
    assert "partial answer to cpu_recorded: store-3 did not answer" in seen.detail


def test_one_query_that_is_refused_costs_its_own_answer_alone(server: Scripted) -> None:
    server.answer(EMPTY)
    server.other["kube_pod_owner"] = REFUSED
    seen = read(server)
    assert seen.usage is not None
    assert seen.usage.notes == ("pod_owners: too many samples (status 422)",)


def test_a_demand_that_takes_too_long_costs_no_usage(server: Scripted) -> None:
    """The slowest question of all is about what is read besides."""
    counted = {"metric": {"samples": "6", "job": "kubelet"}, "value": [NOON.timestamp(), "3"]}
    slow = b'{"status": "error", "errorType": "timeout", "error": "query timed out"}'
    server.answer(EMPTY)
    server.other["count_values"] = success("vector", [counted])
    server.other["round(sum by"] = Reply(status=503, body=slow)
    scaled = cluster(deployment("web", [container(requests={"cpu": "1"})]), autoscaler("web", "web"))
    with closing(PrometheusApi(settings_for(server))) as api:
        usage, _ = UsageLooks(api, KubernetesSettings(), {})(NOON, scaled)
    assert any("round(sum by" in form["query"] for form in server.forms)
    assert usage.notes[-1] == "demand of autoscaled workloads: query timed out (status 503)"


def test_a_range_that_is_refused_is_halved_until_the_queries_are_spent(server: Scripted) -> None:
    server.answer(EMPTY)
    server.other["node_namespace_pod_container:container_memory"] = REFUSED
    seen = read(server)
    assert seen.usage is None
    assert "too many samples" in seen.detail
    assert len(server.forms) <= MOST_QUERIES


def test_a_querier_that_is_not_there_hides_no_cluster(server: Scripted) -> None:
    server.answer(Reply(status=503, body=b"away"))
    seen = read(server)
    assert seen.usage is None
    assert "no usage" in seen.detail
    assert list(seen.clusters) == ["kubernetes"]


def test_alone_it_raises(server: Scripted) -> None:
    server.answer(success("matrix", [], warnings=["store-3 did not answer"]))
    with closing(PrometheusApi(settings_for(server))) as api, pytest.raises(AdvisorError) as caught:
        UsageLooks(api, KubernetesSettings(), {})(NOON, None)
    assert isinstance(caught.value, BadDataError)
