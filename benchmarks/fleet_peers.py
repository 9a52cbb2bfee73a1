"""One workload after the other, as the peers read a cluster: seven queries each, taken from what Robusta KRR sends.

Two find its pods (kube_replicaset_owner over the whole time, kube_pod_owner), one says which of them run, and four are
on their usage. Answers are taken as JSON, and no more is done with them.

KRR's own way: six threads and a step of 75 s are its defaults, and it asks through a PrometheusConnect of
prometheus-api-client, which its library prometrix only gives a session of its own with as large a pool. `library` asks
by the `custom_query` of that class as it comes. Without it a bare session asks, which does only what must be done, and
looks for no proxy: quicker than any peer that we know of.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import requests
from fleet_world import names
from prometheus_api_client import PrometheusConnect

THREADS, STEP = 6, 75
_SECONDS = 120.0
_Rows = list[dict[str, dict[str, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """library: through the client library. step: in seconds."""

    library: bool = True
    threads: int = THREADS
    step: int = STEP


@dataclass(slots=True)
class PerWorkload:
    """end: unix seconds. encoding: that answers may have, None for what the library asks for (gzip)."""

    url: str
    end: int
    hours: float
    how: How
    encoding: str | None = None
    queries: int = 0
    _client: Any = field(default=None, init=False)

    def read(self, workloads: int) -> int:
        """How many containers had CPU usage."""
        headers = {} if self.encoding is None else {"Accept-Encoding": self.encoding}
        self._client = (_library if self.how.library else _Bare)(self.url, headers)
        with self._client, ThreadPoolExecutor(self.how.threads) as pool:
            found = list(pool.map(self._workload, range(workloads)))
        self.queries = 7 * workloads
        return sum(found)

    def _workload(self, number: int) -> bool:
        namespace, name = names(number)
        span, step, place = f"{self.hours:g}h", f"{self.how.step}s", f'namespace="{namespace}"'
        owned = self._ask(f'kube_replicaset_owner{{owner_name="{name}",owner_kind="Deployment",{place}}}[{span}]')
        owners = "|".join(sorted({one["metric"]["replicaset"] for one in owned}))
        owner = f'owner_name=~"{owners}",owner_kind="ReplicaSet",{place}'
        pods = "|".join(one["metric"]["pod"] for one in self._ask(f"last_over_time(kube_pod_owner{{{owner}}}[{span}])"))
        self._ask(f'kube_pod_status_phase{{phase="Running",pod=~"{pods}",{place}}} == 1')
        one = f'{place},pod=~"{pods}",container="app"'
        cpu, memory = f"container_cpu_usage_seconds_total{{{one}}}", f"container_memory_working_set_bytes{{{one}}}"
        by, over = "by (container, pod, job)", f"[{span}:{step}]"
        used = self._ask(f"quantile_over_time(0.95, max(rate({cpu}[{step}])) {by} {over})")
        self._ask(f"max_over_time(max({memory}) {by} {over})")
        self._ask(f"count_over_time(max({cpu}) {by} {over})")
        self._ask(f"count_over_time(max({memory}) {by} {over})")
        return bool(used)

    def _ask(self, query: str) -> _Rows:
        found: _Rows = self._client.custom_query(query, params={"time": str(self.end)})
        return found


def _library(url: str, headers: dict[str, str]) -> PrometheusConnect:
    return PrometheusConnect(url=url, headers=headers)


class _Bare(requests.Session):
    """No more than must be."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        super().__init__()
        self._url = url
        self.trust_env = False  # nor looks for a proxy at each query
        self.headers.update(headers)

    def custom_query(self, query: str, params: dict[str, str]) -> _Rows:
        answer = self.get(f"{self._url}/api/v1/query", params={"query": query, **params}, timeout=_SECONDS)
        answer.raise_for_status()
        found: _Rows = answer.json()["data"]["result"]
        return found
