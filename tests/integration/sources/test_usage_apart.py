"""Looks at usage in a process of their own: they see what a look in this one sees, and leave nothing behind."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from advisor.clients.prometheus import PrometheusApi
from advisor.model.errors import BadDataError, JournalError, SourceUnavailableError
from advisor.model.kubernetes.usage import ClusterUsage, ContainerUsage
from advisor.servers import prometheus
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.settings.prometheus import PrometheusSettings
from advisor.sources.kubernetes_usage.apart.parent import LooksApart
from advisor.sources.kubernetes_usage.history import DayHistory
from advisor.sources.kubernetes_usage.looks import UsageLooks
from advisor.testing.notebook import InMemoryNotebook
from tests.fakes.manifests import cluster, container, deployment
from tests.integration.sources.scripted import Reply, Scripted, settings_for, success

BEGIN = datetime(2026, 3, 1, 6, tzinfo=UTC)
MINUTES = 36 * 60
NOW = BEGIN + timedelta(minutes=MINUTES - 20)
SETTINGS = KubernetesSettings.model_validate({"usage": {"days": 2}})
STATE = cluster(deployment("web", [container(requests={"cpu": "500m", "memory": "512Mi"})]))


def recorded() -> str:
    """A day and a half of one pod, and a sample a minute."""
    families: dict[str, list[str]] = {}
    for minute in range(MINUTES):
        at = (BEGIN + timedelta(minutes=minute)).timestamp()
        place = 'namespace="shop",pod="web-1"'
        for family, labels, value in (
            ("container_cpu_usage_seconds_total", f'{place},container="app"', minute * 12.0),
            ("container_memory_working_set_bytes", f'{place},container="app"', 1e8 + minute * 1e3),
            ("kube_pod_owner", f'{place},owner_kind="Deployment",owner_name="web"', 1.0),
        ):
            families.setdefault(family, []).append(f"{family}{{{labels}}} {value:g} {at:.0f}")
    lines = [line for family, samples in families.items() for line in (f"# TYPE {family} unknown", *samples)]
    return "\n".join([*lines, "# EOF", ""])


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    history: Path = tmp_path_factory.mktemp("apart") / "history.om"
    history.write_text(recorded(), encoding="utf-8")
    with prometheus.start({}, history=history) as server:
        yield server.url


def apart(url: str, notebook: InMemoryNotebook) -> LooksApart:
    return LooksApart(PrometheusSettings.model_validate({"url": url}), SETTINGS, "default", notebook)


def of_web(usage: ClusterUsage) -> ContainerUsage:
    (one,) = usage.containers.values()
    return one


def test_it_sees_what_a_look_here_sees_and_keeps_the_same_days(url: str) -> None:
    here, there = InMemoryNotebook(), InMemoryNotebook()
    with closing(PrometheusApi(PrometheusSettings.model_validate({"url": url}))) as api:
        seen = UsageLooks(api, SETTINGS, {}, DayHistory(here, "default"))(NOW, STATE)
    assert apart(url, there)(NOW, STATE) == seen
    assert of_web(seen[0])
    assert there.entries("kubernetes-usage") == here.entries("kubernetes-usage") != []


def test_the_next_look_reads_what_is_new_alone(url: str) -> None:
    look = apart(url, InMemoryNotebook())
    first, _ = look(NOW, STATE)
    second, _ = look(NOW + timedelta(minutes=15), STATE)
    assert second.points < first.points / 10
    with closing(PrometheusApi(PrometheusSettings.model_validate({"url": url}))) as api:
        at_once, _ = UsageLooks(api, SETTINGS, {})(NOW + timedelta(minutes=15), STATE)
    assert of_web(second) == of_web(at_once)


def test_after_a_restart_the_kept_days_are_not_read_again(url: str) -> None:
    notebook = InMemoryNotebook()
    first, _ = apart(url, notebook)(NOW, STATE)
    second, _ = apart(url, notebook)(NOW, STATE)
    assert second.points < first.points
    assert (of_web(second).cpu, of_web(second).memory) == (of_web(first).cpu, of_web(first).memory)


def test_the_process_that_asks_never_loads_what_a_look_needs(url: str) -> None:
    """Numbers in arrays alone are 16 MiB."""
    program = f"""
import sys
from datetime import datetime
from advisor.settings.kubernetes.reading import KubernetesSettings
from advisor.settings.prometheus import PrometheusSettings
from advisor.sources.kubernetes_usage.apart.parent import LooksApart
from advisor.testing.notebook import InMemoryNotebook
settings = KubernetesSettings.model_validate({{"usage": {{"days": 2}}}})
look = LooksApart(PrometheusSettings.model_validate({{"url": {url!r}}}), settings, "default", InMemoryNotebook())
usage, _ = look(datetime.fromisoformat({NOW.isoformat()!r}), None)
assert usage.containers
assert "numpy" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_an_error_comes_as_it_was_and_the_next_look_is_well(server: Scripted) -> None:
    look = LooksApart(settings_for(server), SETTINGS, "default", InMemoryNotebook())
    server.answer(success("matrix", [], warnings=["store-3 did not answer"]))
    with pytest.raises(BadDataError, match="store-3 did not answer") as caught:
        look(NOW, STATE)
    assert caught.value.where == "kubernetes.usage"
    server.answer(success("matrix", []))
    assert look(NOW, STATE)[0].containers == {}


def test_who_asks_is_proven_there_as_here(server: Scripted) -> None:
    server.answer(success("matrix", []))
    LooksApart(settings_for(server, bearer_token="hush-hush"), SETTINGS, "default", InMemoryNotebook())(NOW, STATE)
    assert {sent["Authorization"] for sent in server.headers} == {"Bearer hush-hush"}


def test_a_journal_that_fails_costs_the_days_and_no_usage(url: str) -> None:
    class Closed(InMemoryNotebook):
        def write(self, surface: str, key: str, text: str) -> None:
            raise JournalError("is closed")

    usage, _ = apart(url, Closed())(NOW, STATE)
    assert of_web(usage)
    assert usage.notes[-1] == "days of usage are not kept: is closed"


@pytest.mark.parametrize("how", ["the kernel, where memory runs out", "the daemon, which stops"])
def test_a_look_that_is_ended_is_no_usage(server: Scripted, how: str) -> None:
    server.answer(Reply(status=200, body=b"{}", wait_seconds=20))
    look = LooksApart(settings_for(server, timeout_seconds="20s"), SETTINGS, "default", InMemoryNotebook())
    faults: list[SourceUnavailableError] = []

    def asked() -> None:
        try:
            look(NOW, STATE)
        except SourceUnavailableError as error:
            faults.append(error)

    thread = threading.Thread(target=asked)
    thread.start()
    while not server.forms:
        thread.join(timeout=0.05)
        assert thread.is_alive()
    if "kernel" in how:
        os.kill(_child(), signal.SIGKILL)
    else:
        look.close()
    thread.join(timeout=10)
    assert [fault.what for fault in faults] == ["the look at usage ended with -9"]
    server.answer(success("matrix", []))
    assert look(NOW, STATE)[0].containers == {}


def _child() -> int:
    """The one process that this one began and that is a look."""
    for task in Path("/proc/self/task").iterdir():
        for pid in (task / "children").read_text().split():
            if b"kubernetes_usage.apart" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return int(pid)
    raise AssertionError("no look is under way")
