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


def recorded() -> str:
    """web (a Deployment) and web-admin, whose name begins alike; db (a StatefulSet); an autoscaler of web.

    All of it twice, as two replicas of kube-state-metrics tell it; halfway through the second one takes another place.
    """
    families: dict[str, list[str]] = {}

    def line(family: str, labels: str, minute: int, value: float) -> None:
        at = (BEGIN + timedelta(minutes=minute)).timestamp()
        for instance in ("ksm-0", "ksm-1" if minute < MINUTES / 2 else "ksm-2"):
            series = f'{family}{{instance="{instance}",namespace="shop",{labels}}}'
            families.setdefault(family, []).append(f"{series} {value:g} {at:.0f}")

    owners = {"web-7c9-a": "web-7c9", "web-7c9-b": "web-7c9", "web-admin-7c9-a": "web-admin-7c9"}
    for minute in range(MINUTES):
        is_wrong = minute in WRONG
        for name in ("web", "web-admin"):
            line(
                "kube_replicaset_owner",
                f'replicaset="{name}-7c9",owner_kind="Deployment",owner_name="{name}"',
                minute,
                1,
            )
        for pod, owner in owners.items():
            line("kube_pod_owner", f'pod="{pod}",owner_kind="ReplicaSet",owner_name="{owner}"', minute, 1)
        line("kube_pod_owner", 'pod="db-0",owner_kind="StatefulSet",owner_name="db"', minute, 1)
        for pod in (*owners, "db-0"):
            is_hit = pod == "web-7c9-a" and is_wrong
            of = f'pod="{pod}",container="app"'
            killed = max(0, min(minute, WRONG.stop) - WRONG.start) if pod == "web-7c9-a" else 0
            line("kube_pod_container_status_restarts_total", of, minute, killed)
            line("kube_pod_status_ready", f'pod="{pod}",condition="false"', minute, float(is_hit))
            line("kube_pod_status_ready", f'pod="{pod}",condition="true"', minute, float(not is_hit))
            # 600 periods a minute, of which a throttled pod waits in half.
            line("container_cpu_cfs_periods_total", of, minute, 600 * minute)
            line("container_cpu_cfs_throttled_periods_total", of, minute, 300 * killed if pod == "web-7c9-a" else 0)
            if is_hit:
                line("kube_pod_container_status_waiting_reason", f'{of},reason="CrashLoopBackOff"', minute, 1)
                line("kube_pod_container_status_last_terminated_reason", f'{of},reason="OOMKilled"', minute, 1)
                line("kube_pod_status_reason", f'pod="{pod}",reason="Evicted"', minute, 1)
        if minute >= WRONG.start - 10:
            # Of a node that was shut down: over for good, and never cleared away.
            of = 'pod="web-7c9-gone"'
            line("kube_pod_owner", f'{of},owner_kind="ReplicaSet",owner_name="web-7c9"', minute, 1)
            line("kube_pod_status_ready", f'{of},condition="false"', minute, 1)
            for phase in ("Pending", "Running", "Succeeded", "Failed", "Unknown"):
                line("kube_pod_status_phase", f'{of},phase="{phase}"', minute, float(phase == "Failed"))
        hpa = 'horizontalpodautoscaler="web"'
        line(
            "kube_horizontalpodautoscaler_info",
            f'{hpa},scaletargetref_kind="Deployment",scaletargetref_name="web"',
            minute,
            1,
        )
        line("kube_horizontalpodautoscaler_spec_max_replicas", hpa, minute, 10)
        line("kube_horizontalpodautoscaler_status_desired_replicas", hpa, minute, 10 if is_wrong else 4)
    text = [one for family, lines in families.items() for one in (f"# TYPE {family} unknown", *lines)]
    return "\n".join([*text, "# EOF", ""])


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


def test_the_limit_of_an_autoscaler_is_its_deployments(settings: PrometheusSettings) -> None:
    assert set(read(settings, "deployment.max_replicas", deployment="web").values) == {10.0}


def test_a_look_at_everything_does_not_ask_for_them(settings: PrometheusSettings) -> None:
    """Over a whole cluster, in every cycle, that would cost too much."""
    with closing(PrometheusApi(settings)) as api:
        clock = FakeClock(BEGIN + timedelta(minutes=MINUTES - 1))
        found = PrometheusSource(api, settings, clock).read(300.0).signals
    assert not [key for key in found if key.name.startswith(("workload.", "autoscaler."))]
