"""Pool sizes, processes and autoscalers against what the server takes."""

import pytest

from advisor.model.finding import Severity
from advisor.model.signal import SignalKey, signal
from advisor.settings.applications import ApplicationSettings
from advisor.testing.database_states import a_context, a_database_state, ask
from advisor_rules.pool.connections_budget import CONNECTIONS_BUDGET

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
