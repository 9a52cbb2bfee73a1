"""Pool sizes, processes and autoscalers against what the server takes."""

from dataclasses import replace

import pytest

from advisor.model.finding import Finding, Severity
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.signal import SignalKey, signal
from advisor.settings.applications import ApplicationSettings
from advisor.testing.database_states import a_context, a_database_state, a_snapshot, ask
from advisor_rules.pool.connections_budget import CONNECTIONS_BUDGET
from tests.fakes.manifests import autoscaler, cluster, container, deployment

LOOK = a_database_state()  # 100 connections, 3 reserved, 10 for people: 87


def pools(size: int, instances: int, app: str = "web") -> dict[SignalKey, float]:
    return {
        signal("pool.size", app=app): size,
        signal("pool.max_overflow", app=app): 10,
        signal("pool.checked_out", app=app): 1,
        signal("pool.instances", app=app): instances,
    }


def test_a_rolling_release_counts() -> None:
    # 3 processes and a quarter more during a release are 4, each with 20 + 10: 120 of 87.
    findings, (proposal,) = ask(CONNECTIONS_BUDGET, LOOK, signals=pools(20, 3))
    assert findings[0].evidence[0].value == 120
    assert findings[0].evidence[0].threshold == 87
    assert findings[0].severity is Severity.CRITICAL  # 3 x 30 = 90 are too many even now
    assert "web: at most 21 a process" in str(proposal.proposed)  # 30 x 87 / 120


def test_the_autoscalers_maximum_counts() -> None:
    scaled = pools(5, 2) | {
        signal("deployment.replicas", namespace="prod", deployment="web"): 2,
        signal("deployment.max_replicas", namespace="prod", deployment="web"): 10,
    }
    findings, _ = ask(CONNECTIONS_BUDGET, LOOK, signals=scaled)
    assert findings[0].evidence[0].value == 195  # 10 and a surge of 3, x 15
    assert findings[0].severity is Severity.WARNING  # 2 x 15 now
    assert ask(CONNECTIONS_BUDGET, LOOK, signals=pools(5, 2))[0] == []


def test_several_processes_in_a_pod_have_a_pool_each() -> None:
    workers = pools(5, 4) | {
        signal("deployment.replicas", namespace="prod", deployment="web"): 2,
        signal("deployment.max_replicas", namespace="prod", deployment="web"): 4,
    }
    findings, _ = ask(CONNECTIONS_BUDGET, LOOK, signals=workers)
    assert findings[0].evidence[0].value == 150  # 4 pods and a surge of 1, x 2 workers x 15


def test_the_settings_may_name_the_maximum() -> None:
    apps = {"web": ApplicationSettings(name="web", replicas=2, max_replicas=8)}
    findings, _ = ask(CONNECTIONS_BUDGET, LOOK, a_context(applications=apps), pools(5, 2))
    assert findings[0].evidence[0].value == 150  # 8 x 1.25 = 10 x 15


def test_all_applications_of_the_database_share_it() -> None:
    two = pools(20, 1) | pools(20, 1, "worker")
    # Each 1 + surge = 2 processes x 30.
    findings, _ = ask(CONNECTIONS_BUDGET, LOOK, signals=two)
    assert findings[0].evidence[0].value == 120
    elsewhere = a_context(applications={"worker": ApplicationSettings(name="worker", database="other")})
    assert ask(CONNECTIONS_BUDGET, LOOK, elsewhere, two)[0] == []


@pytest.mark.parametrize("size", [5, 11])
def test_pools_that_fit_are_left_alone(size: int) -> None:
    assert ask(CONNECTIONS_BUDGET, LOOK, signals=pools(size, 3))[0] == []  # 4 x (11 + 10) = 84 of 87


def asked(seen: ClusterState, signals: dict[SignalKey, float], *apps: ApplicationSettings) -> Finding | None:
    """The pools of `signals` against LOOK, with a cluster beside them."""
    snapshot = replace(a_snapshot(LOOK, signals), clusters={seen.name: seen})
    findings = CONNECTIONS_BUDGET.diagnose(snapshot, a_context(applications={app.name: app for app in apps}))
    return findings[0] if findings else None


def test_the_autoscaler_at_its_maximum_and_the_surge_of_the_deployment_itself_are_reckoned() -> None:
    """2 pods of 2 workers now; at most 6 and, with maxSurge 50%, 3 more: 9 x 2 x (5 + 10) = 270."""
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "50%"}}
    seen = cluster(
        deployment("web", [container()], strategy=strategy), autoscaler("web", "web", minReplicas=2, maxReplicas=6)
    )
    finding = asked(seen, pools(5, 4) | {signal("pool.replicas", app="web"): 2})
    assert finding is not None
    assert finding.evidence[0].value == 270
    assert finding.evidence[-1].signal == "pools.web.at_most"
    assert finding.evidence[-1].value == "(6 replicas + 3 surge) x 2 processes x (5 + 10) = 270"
    assert "(maximum 6 of HPA web, maxSurge 50% of web)" in finding.cause
    assert finding.severity is Severity.WARNING  # 4 x 15 now


def test_a_deployment_that_is_recreated_has_no_surge() -> None:
    """5 x 15 = 75 of 87; with the guide's quarter it would be 7 x 15 = 105."""
    seen = cluster(
        deployment("web", [container()], strategy={"type": "Recreate"}), autoscaler("web", "web", maxReplicas=5)
    )
    assert asked(seen, pools(5, 2)) is None
    rolling = cluster(deployment("web", [container()]), autoscaler("web", "web", maxReplicas=5))
    finding = asked(rolling, pools(5, 2))
    assert finding is not None
    assert finding.evidence[0].value == 105


def test_all_workloads_of_an_application_are_at_their_maximum_at_once() -> None:
    """A web of 3 to 4 and a worker of 2 without an autoscaler: (4 + 1) + (2 + 1) = 8 pods x 15; now 5 x 15 = 75."""
    seen = cluster(
        deployment("front", [container()]),
        autoscaler("front", "front", maxReplicas=4),
        deployment("back", [container()]),
    )
    both = ApplicationSettings(name="web", workloads=("shop/front", "shop/back"))
    finding = asked(seen, pools(5, 5), both)
    assert finding is not None
    assert finding.evidence[-1].value == "(6 replicas + 2 surge) x 1 process x (5 + 10) = 120"
    assert "Deployment back as it is, maximum 4 of HPA front" in finding.cause


def test_a_name_that_two_workloads_bear_joins_neither() -> None:
    """Then nothing is known but what is seen: 3 x 1.25 -> 4 x 15 = 60 of 87."""
    here, there = deployment("web", [container()]), deployment("web", [container()])
    there["metadata"]["namespace"] = "other"
    seen = cluster(here, there, autoscaler("web", "web", maxReplicas=50))
    assert asked(seen, pools(5, 3)) is None
    named = ApplicationSettings(name="web", workloads=("shop/web",))
    assert asked(seen, pools(5, 3), named) is not None


def test_the_word_of_the_settings_goes_before_the_clusters() -> None:
    """3 and maxSurge 1: 4 x 15 = 60 of 87, where the autoscaler alone would make 50."""
    surge = {"rollingUpdate": {"maxSurge": 1}}
    seen = cluster(deployment("web", [container()], strategy=surge), autoscaler("web", "web", maxReplicas=50))
    assert asked(seen, pools(5, 3), ApplicationSettings(name="web", max_replicas=3)) is None


def test_a_pod_more_than_the_maximum_during_a_rollout_is_not_counted_twice() -> None:
    """4 and a surge of 1 are what there is already: 5 x 15 = 75 of 87, not 6 x 15 = 90."""
    seen = cluster(deployment("web", [container()]), autoscaler("web", "web", maxReplicas=4))
    assert asked(seen, pools(5, 5) | {signal("pool.replicas", app="web"): 5}) is None
