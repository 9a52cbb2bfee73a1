"""What goes wrong with a workload's own pods, as kube-state-metrics and the kubelet show it, on a real Prometheus."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from advisor.clients.prometheus import PrometheusApi
from advisor.model.signal import Series, signal
from advisor.servers import prometheus
from advisor.settings.prometheus import PrometheusSettings
from advisor.sources.prometheus.source import PrometheusSamples, PrometheusSource
from advisor.testing.clock import FakeClock

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
MINUTES = 60
"""One sample each; what is to go wrong does so in the half hour of the middle."""
WRONG = range(30, 40)


class History:
    """All of it twice, as two replicas of kube-state-metrics tell it; the second one soon takes another place."""

    def __init__(self) -> None:
        self._families: dict[str, list[str]] = {}

    def line(self, family: str, labels: str, minute: int, value: float) -> None:
        at = (BEGIN + timedelta(minutes=minute)).timestamp()
        for instance in ("ksm-0", "ksm-1" if minute < MINUTES / 4 else "ksm-2"):
            series = f'{family}{{instance="{instance}",namespace="shop",{labels}}}'
            self._families.setdefault(family, []).append(f"{series} {value:g} {at:.0f}")

    def text(self) -> str:
        lines = [one for family, each in self._families.items() for one in (f"# TYPE {family} unknown", *each)]
        return "\n".join([*lines, "# EOF", ""])


OWNERS = {"web-7c9-a": "web-7c9", "web-7c9-b": "web-7c9", "web-admin-7c9-a": "web-admin-7c9"}


def recorded() -> str:
    """web (a Deployment) and web-admin, whose name begins alike; db (a StatefulSet); autoscalers."""
    history = History()
    for minute in range(MINUTES):
        _owners(history, minute)
        for pod in (*OWNERS, "db-0"):
            _pod(history, pod, minute)
        if minute >= WRONG.start - 10:
            _ended(history, "web-7c9-gone", minute)
        _autoscalers(history, minute)
    return history.text()


def _owners(history: History, minute: int) -> None:
    for name in ("web", "web-admin"):
        of = f'replicaset="{name}-7c9",owner_kind="Deployment",owner_name="{name}"'
        history.line("kube_replicaset_owner", of, minute, 1)
    for pod, owner in OWNERS.items():
        history.line("kube_pod_owner", f'pod="{pod}",owner_kind="ReplicaSet",owner_name="{owner}"', minute, 1)
    history.line("kube_pod_owner", 'pod="db-0",owner_kind="StatefulSet",owner_name="db"', minute, 1)


def _pod(history: History, pod: str, minute: int) -> None:
    is_hit = pod == "web-7c9-a" and minute in WRONG
    of = f'pod="{pod}",container="app"'
    killed = max(0, min(minute, WRONG.stop) - WRONG.start) if pod == "web-7c9-a" else 0
    history.line("kube_pod_container_status_restarts_total", of, minute, killed)
    history.line("kube_pod_status_ready", f'pod="{pod}",condition="false"', minute, float(is_hit))
    history.line("kube_pod_status_ready", f'pod="{pod}",condition="true"', minute, float(not is_hit))
    # 600 periods a minute, of which a throttled pod waits in half.
    history.line("container_cpu_cfs_periods_total", of, minute, 600 * minute)
    history.line("container_cpu_cfs_throttled_periods_total", of, minute, 300 * killed if pod == "web-7c9-a" else 0)
    if is_hit:
        history.line("kube_pod_container_status_waiting_reason", f'{of},reason="CrashLoopBackOff"', minute, 1)
        history.line("kube_pod_container_status_last_terminated_reason", f'{of},reason="OOMKilled"', minute, 1)
        history.line("kube_pod_status_reason", f'pod="{pod}",reason="Evicted"', minute, 1)


def _ended(history: History, pod: str, minute: int) -> None:
    """Of a node that was shut down: over for good, and never cleared away."""
    history.line("kube_pod_owner", f'pod="{pod}",owner_kind="ReplicaSet",owner_name="web-7c9"', minute, 1)
    history.line("kube_pod_status_ready", f'pod="{pod}",condition="false"', minute, 1)
    for phase in ("Pending", "Running", "Succeeded", "Failed", "Unknown"):
        history.line("kube_pod_status_phase", f'pod="{pod}",phase="{phase}"', minute, float(phase == "Failed"))


def _autoscalers(history: History, minute: int) -> None:
    """web, which says no more than its sizes; one that is content with its maximum, and one that is held back by it."""
    family = "kube_horizontalpodautoscaler_"
    hpa, is_wrong = 'horizontalpodautoscaler="web"', minute in WRONG
    target = 'scaletargetref_kind="Deployment",scaletargetref_name="web"'
    history.line(f"{family}info", f"{hpa},{target}", minute, 1)
    history.line(f"{family}spec_max_replicas", hpa, minute, 10)
    history.line(f"{family}status_desired_replicas", hpa, minute, 10 if is_wrong else 4)
    for name, is_held in (("content", False), ("held", is_wrong)):
        hpa = f'horizontalpodautoscaler="{name}"'
        history.line(f"{family}spec_max_replicas", hpa, minute, 2)
        history.line(f"{family}status_desired_replicas", hpa, minute, 2 if is_wrong else 1)
        for status in ("true", "false", "unknown"):
            is_so = status == ("true" if is_held else "false")
            of = f'{hpa},condition="ScalingLimited",status="{status}"'
            history.line(f"{family}status_condition", of, minute, float(is_so))


@pytest.fixture(scope="module")
def settings(servers_wanted: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrometheusSettings]:
    history: Path = tmp_path_factory.mktemp("workloads") / "history.om"
    history.write_text(recorded(), encoding="utf-8")
    with prometheus.start({}, history=history) as server:
        values = {
            "url": server.url,
            "presets": ["kube_state_metrics"],
            "rate_window_seconds": "4m",
            "step_seconds": "1m",
        }
        yield PrometheusSettings.model_validate(values)


def read(settings: PrometheusSettings, name: str, **of: str) -> Series:
    key = signal(name, namespace="shop", **of)
    with closing(PrometheusApi(settings)) as api:
        start, end = BEGIN + timedelta(minutes=5), BEGIN + timedelta(minutes=MINUTES)
        return PrometheusSamples(api, settings).series([key], start, end)[key]


def split(found: Series) -> tuple[list[float], list[float]]:
    """The points before anything went wrong, and those of the time in which it did."""
    wrong = BEGIN + timedelta(minutes=WRONG.start)
    during = BEGIN + timedelta(minutes=WRONG.stop)
    before = [one.value for one in found.samples if one.at < wrong]
    return before, [one.value for one in found.samples if wrong + timedelta(minutes=2) <= one.at < during]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("workload.oom_kills", 3.0),  # a kill a minute, in a window of four
        ("workload.crash_loops", 1.0),
        ("workload.unready_pods", 1.0),
        ("workload.evicted_pods", 1.0),
    ],
)
def test_what_one_pod_of_two_suffers_is_its_workloads_and_nothing_was_zero(
    settings: PrometheusSettings, name: str, wrong: float
) -> None:
    before, during = split(read(settings, name, kind="Deployment", workload="web"))
    assert set(before) == {0.0}
    assert max(during) == pytest.approx(wrong, rel=0.5)
    for kind, other in (("Deployment", "web-admin"), ("StatefulSet", "db")):
        found = read(settings, name, kind=kind, workload=other)
        assert set(found.values) == {0.0}, other


def test_throttling_is_the_share_of_all_its_periods(settings: PrometheusSettings) -> None:
    """One of two pods waits in half of its periods: a quarter."""
    before, during = split(read(settings, "workload.throttled_ratio", kind="Deployment", workload="web"))
    assert set(before) == {0.0}
    assert max(during) == pytest.approx(0.25, abs=0.02)


def test_an_autoscaler_at_its_maximum_shows_as_one(settings: PrometheusSettings) -> None:
    before, during = split(read(settings, "autoscaler.at_maximum", hpa="web"))
    assert (set(before), set(during)) == ({0.0}, {1.0})


def test_one_that_wants_no_more_pods_than_it_may_have_is_not_held_back(settings: PrometheusSettings) -> None:
    """With two pods at most, one step up is the maximum: that is no alarm while two are enough."""
    before, during = split(read(settings, "autoscaler.at_maximum", hpa="content"))
    assert (set(before), set(during)) == ({0.0}, {0.0})
    before, during = split(read(settings, "autoscaler.at_maximum", hpa="held"))
    assert (set(before), set(during)) == ({0.0}, {1.0})


def test_the_limit_of_an_autoscaler_is_its_deployments(settings: PrometheusSettings) -> None:
    assert set(read(settings, "deployment.max_replicas", deployment="web").values) == {10.0}


def test_a_look_at_everything_does_not_ask_for_them(settings: PrometheusSettings) -> None:
    """Over a whole cluster, in every cycle, that would cost too much."""
    with closing(PrometheusApi(settings)) as api:
        clock = FakeClock(BEGIN + timedelta(minutes=MINUTES - 1))
        found = PrometheusSource(api, settings, clock).read(300.0).signals
    assert not [key for key in found if key.name.startswith(("workload.", "autoscaler."))]
