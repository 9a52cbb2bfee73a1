"""Everything the demo on a cluster runs on: a control plane, played pods, Prometheus, and the advisor as a daemon."""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from prometheus_client import CollectorRegistry, start_http_server
from pydantic import SecretStr

from advisor.demo.cluster import configuration, workload
from advisor.demo.cluster.demand import bursts
from advisor.demo.cluster.exporter import PlayedExporter
from advisor.demo.cluster.history import recorded
from advisor.demo.cluster.played_pods import PlayedPods
from advisor.demo.load import Recorder
from advisor.demo.world import World, folder_for, start_module
from advisor.servers import prometheus
from advisor.servers.cluster import control_plane, played_metrics
from advisor.servers.cluster.control_plane import ControlPlane
from advisor.servers.cluster.objects import NODE, has, node, until
from advisor.servers.cluster.programs import Programs

_SEED = 7
_SECONDS_BETWEEN = (21, 25)
_LONGEST_SECONDS = 3600


@contextmanager
def environment(programs: Programs, say: Callable[[str], None]) -> Iterator[World]:
    """Start it all; end it all on leaving, however that happens. Raises ServerUnavailableError."""
    with ExitStack() as stack:
        folder = folder_for(stack)
        say("starting etcd, the API server, the controllers and kwok, which plays the kubelet")
        plane = stack.enter_context(control_plane.start(programs))
        results = folder / "load.jsonl"
        results.touch()
        port = _start_workload(stack, plane, results)
        say(
            f"Deployment {workload.APP}: {workload.FIRST_PODS} pods of {workload.millicores(workload.REQUEST_CORES)}, "
            f"an autoscaler with a target of {workload.TARGET_PERCENT}%, and a load with bursts"
        )
        metrics = stack.enter_context(
            prometheus.start({workload.APP: [f"127.0.0.1:{port}"]}, history=_three_days(folder))
        )
        say("Prometheus, with three days of the same load on record")
        file, journal = folder / "advisor.yaml", f"sqlite:///{folder / 'journal.db'}"
        configuration.write(file, metrics.url, plane.kubeconfig)
        arguments = ["advisor.cli.main", "run", "--config", str(file)]
        daemon = start_module(stack, folder, "advisor", arguments, {"ADVISOR_JOURNAL__URL": journal})
        say("advisor run: one look every 2 seconds")
        yield World(
            addresses=f"kubeconfig {plane.kubeconfig}, Prometheus {metrics.url}",
            journal_url=SecretStr(journal),
            results=results,
            started_at=datetime.now(UTC),
            processes=(*plane.processes, metrics.process, daemon),
        )


def _start_workload(stack: ExitStack, plane: ControlPlane, results: Path) -> int:
    """Its pods run, and its exporter answers on this port."""
    objects = plane.objects
    objects.create(node())
    until(lambda: objects.get("v1", "Node", NODE), lambda seen: has(seen, "Ready"), "the node is ready")
    metrics = stack.enter_context(played_metrics.serving(objects, plane.papers))
    for made in (workload.namespace(), workload.deployment(), workload.autoscaler()):
        objects.create(made)
    course = list(islice(bursts(_SEED, _SECONDS_BETWEEN), _LONGEST_SECONDS))
    exporter = PlayedExporter(
        objects=objects,
        metrics=metrics,
        recorder=Recorder(results),
        demand=lambda second: course[int(second) % len(course)],
        pods=PlayedPods(random.Random(_SEED)),  # noqa: S311
    )
    registry = CollectorRegistry()
    registry.register(exporter)
    server, thread = start_http_server(0, addr="127.0.0.1", registry=registry)
    stack.callback(thread.join)
    stack.callback(server.shutdown)
    until(
        lambda: objects.get("apps/v1", "Deployment", workload.APP, workload.NAMESPACE).get("status", {}),
        lambda seen: seen.get("readyReplicas") == workload.FIRST_PODS,
        "its pods are ready",
    )
    return int(server.server_port)


def _three_days(folder: Path) -> Path:
    """As Prometheus keeps them."""
    text, blocks = folder / "history.om", folder / "history"
    text.write_text(recorded(datetime.now(UTC)), encoding="utf-8")
    prometheus.make_blocks(text, blocks, longest="200h")
    return blocks
