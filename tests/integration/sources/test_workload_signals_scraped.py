"""Pods that come and go while kube-state-metrics is scraped: one that is gone is none that suffers."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from advisor.clients.prometheus import PrometheusApi
from advisor.model.signal import Sample, SignalKey, signal
from advisor.servers import prometheus
from advisor.settings.prometheus import PrometheusSettings
from advisor.sources.prometheus.source import PrometheusSamples
from tests.integration.sources.test_prometheus import wait_until

UNREADY = signal("workload.unready_pods", namespace="shop", kind="Deployment", workload="web")
CRASHES = signal("workload.crash_loops", namespace="shop", kind="Deployment", workload="web")


class Page:
    """What kube-state-metrics shows of these pods; those in `suffering` are not ready and crash."""

    def __init__(self) -> None:
        self.pods: set[str] = set()
        self.suffering: set[str] = set()
        self.is_broken = False

    def text(self) -> str:
        lines = ['kube_replicaset_owner{namespace="shop",replicaset="r",owner_kind="Deployment",owner_name="web"} 1']
        for pod in sorted(self.pods):
            of = f'namespace="shop",pod="{pod}"'
            lines.append(f'kube_pod_owner{{{of},owner_kind="ReplicaSet",owner_name="r"}} 1')
            lines.append(f'kube_pod_status_ready{{{of},condition="false"}} {int(pod in self.suffering)}')
            if pod in self.suffering:
                reason = f'{of},container="app",reason="CrashLoopBackOff"'
                lines.append(f"kube_pod_container_status_waiting_reason{{{reason}}} 1")
        return "\n".join([*lines, ""])


@contextmanager
def shown(page: Page) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(500 if page.is_broken else 200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(page.text().encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.usefixtures("servers_wanted")
def test_a_pod_that_was_taken_away_while_it_was_not_ready_is_not_unready_ever_after() -> None:
    """An autoscaler takes pods away all day; each ends unready. The window of rates, 30 s here, is for rates alone."""
    page = Page()
    page.pods = {"a", "b"}
    with shown(page) as port, prometheus.start({"ksm": [f"127.0.0.1:{port}"]}) as server:
        values = {"url": server.url, "presets": ["kube_state_metrics"], "rate_window_seconds": "30s"}
        settings = PrometheusSettings.model_validate({**values, "step_seconds": "1s"})
        with closing(PrometheusApi(settings)) as api:

            def now(key: SignalKey) -> float | None:
                end = datetime.now(UTC)
                found = PrometheusSamples(api, settings).series([key], end - timedelta(seconds=31), end)[key]
                last: Sample | None = found.samples[-1] if found.samples else None
                return last.value if last and (end - last.at).total_seconds() < 2 else None

            wait_until(lambda: now(UNREADY) == 0)
            page.suffering = {"b"}
            wait_until(lambda: (now(UNREADY), now(CRASHES)) == (1, 1))
            page.pods = {"a"}
            gone = time.monotonic()
            wait_until(lambda: (now(UNREADY), now(CRASHES)) == (0, 0))
            assert time.monotonic() - gone < 15
            page.is_broken = True
            wait_until(lambda: (now(UNREADY), now(CRASHES)) == (None, None))
