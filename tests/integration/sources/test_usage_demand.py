"""The demand of an autoscaled workload on a real Prometheus: by whose pods they are, step by step, over whole days."""

import math
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from advisor.clients.prometheus import PrometheusApi
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.demand import WorkloadKey
from advisor.model.kubernetes.usage import ClusterUsage
from advisor.servers import prometheus
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.settings.prometheus import PrometheusSettings
from advisor.sources.kubernetes_usage.answers.asking import MOST_QUERIES
from advisor.sources.kubernetes_usage.looks import UsageLooks
from advisor.testing.asking import the_proposal_of
from advisor.testing.clock import FakeClock
from advisor.testing.snapshots import a_context, a_snapshot
from advisor.whatif.demand import PlayedDemand
from advisor_rules.kubernetes.hpa_target_too_low import HPA_TARGET_TOO_LOW
from tests.fakes.manifests import autoscaler, cluster, container, cpu_target, deployment

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
BEGIN = MIDNIGHT - timedelta(days=3, hours=1)
MINUTES = 3 * 1440 + 60 + 40
KEY = WorkloadKey("shop", "Deployment", "web")
SETTINGS = KubernetesSettings.model_validate({"usage": {"days": 5, "step_seconds": "10m"}})


def demand(minute: int) -> float:
    """Cores, of the minute after BEGIN: 1 to 3 with the hour."""
    return 2 + math.sin(2 * math.pi * (minute - 60) / 1440)


def replicas(minute: int) -> int:
    """For a target of 50% of 0.5 cores, as of ten minutes ago where that is more: the scale-down waits."""
    return math.ceil(max(demand(minute), demand(minute - 10)) / 0.25 - 1e-9)


@dataclass(frozen=True)
class Pod:
    """From its first minute to before its last."""

    name: str
    first: int
    last: int


def pods() -> Iterator[Pod]:
    """One for each slot and each time that the slot is used: what has gone never comes back under its name."""
    for slot in range(12):
        first = None
        for minute in range(MINUTES + 1):
            runs = minute < MINUTES and replicas(minute) > slot
            if runs and first is None:
                first = minute
            elif not runs and first is not None:
                yield Pod(f"web-7c9-{slot:x}{first:04x}", first, minute)
                first = None


def recorded() -> str:
    """A sample a minute of each pod, of a pod of another workload so named, and what kube-state-metrics says."""
    families: dict[str, list[str]] = {}

    def line(family: str, labels: str, minute: int, value: float) -> None:
        at = (BEGIN + timedelta(minutes=minute)).timestamp()
        families.setdefault(family, []).append(f"{family}{{{labels}}} {value:g} {at:.0f}")

    for pod in [*pods(), Pod("web-admin-7c9-x", 0, MINUTES)]:
        place = f'namespace="shop",pod="{pod.name}"'
        owner = "web-admin-7c9" if "admin" in pod.name else "web-7c9"
        total = 0.0
        for minute in range(pod.first, pod.last):
            total += 60 * (demand(minute) / replicas(minute) if owner == "web-7c9" else 4.0)
            line("container_cpu_usage_seconds_total", f'{place},container="app"', minute, round(total, 3))
            if minute % 5 == 0 or minute > MINUTES - 45:
                line("container_memory_working_set_bytes", f'{place},container="app"', minute, 1e8)
                line("kube_pod_owner", f'{place},owner_kind="ReplicaSet",owner_name="{owner}"', minute, 1)
    for minute in range(0, MINUTES, 5):
        for name in ("web", "web-admin"):
            owned = f'namespace="shop",replicaset="{name}-7c9",owner_kind="Deployment",owner_name="{name}"'
            line("kube_replicaset_owner", owned, minute, 1)
    text = [one for family, lines in families.items() for one in (f"# TYPE {family} unknown", *lines)]
    return "\n".join([*text, "# EOF", ""])


@pytest.fixture(scope="module")
def url(servers_wanted: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    history: Path = tmp_path_factory.mktemp("demand") / "history.om"
    history.write_text(recorded(), encoding="utf-8")
    with prometheus.start({}, history=history) as server:
        yield server.url


def state() -> ClusterState:
    web = deployment("web", [container(requests={"cpu": "500m", "memory": "128Mi"})])
    admin = deployment("web-admin", [container(requests={"cpu": "5"})])
    return cluster(web, admin, autoscaler("web", "web", metrics=[cpu_target(50)], maxReplicas=30))


@pytest.fixture(scope="module")
def usage(url: str) -> ClusterUsage:
    clock = FakeClock(BEGIN + timedelta(minutes=MINUTES - 1))
    with closing(PrometheusApi(PrometheusSettings.model_validate({"url": url}))) as api:
        return UsageLooks(api, SETTINGS, {})(clock.now(), state())[0]


def test_whole_days_are_read_by_few_queries_of_autoscaled_workloads_alone(usage: ClusterUsage) -> None:
    """Scrapes of a minute: a step of two; of five days that are asked for three are known."""
    assert usage.queries <= MOST_QUERIES
    assert list(usage.demands) == [KEY]
    days = usage.demands[KEY].days
    assert [day.day for day in days] == [(MIDNIGHT - timedelta(days=age)).date() for age in (3, 2, 1)]
    assert [day.step_seconds for day in days] == [120] * 3


def test_cores_and_pods_are_those_of_its_own_pods_gone_ones_too(usage: ClusterUsage) -> None:
    """A value looks back over four minutes: the middle is two minutes ago. Its namesake's 4 cores are not its."""
    for number, day in enumerate(usage.demands[KEY].days):
        for step in range(0, len(day.cores), 30):
            minute = 60 + 1440 * number + 2 * (step + 1)
            assert day.cores[step] == pytest.approx(demand(minute - 2), rel=0.1), (number, step)
            assert abs(day.pods[step] - replicas(minute - 2)) <= 1, (number, step)
        assert sum(day.cores) / len(day.cores) == pytest.approx(2.0, rel=0.02)


def test_a_target_is_proposed_from_it(usage: ClusterUsage) -> None:
    models = PlayedDemand()
    context = a_context(autoscaler_model=models, load_classifier=models)
    proposal = the_proposal_of(HPA_TARGET_TOO_LOW, a_snapshot(clusters=[state()], usage=usage), context)
    assert proposal.current == 50
    assert isinstance(proposal.proposed, int)
    assert proposal.proposed > 60


def test_a_day_is_read_once(url: str) -> None:
    clock = FakeClock(BEGIN + timedelta(minutes=MINUTES - 28))
    with closing(PrometheusApi(PrometheusSettings.model_validate({"url": url}))) as api:
        look = UsageLooks(api, SETTINGS, {})
        first = look(clock.now(), state())[0]
        clock.advance(16 * 60)
        second = look(clock.now(), state())[0]
    assert first.demands == second.demands != {}
    assert second.queries < first.queries
