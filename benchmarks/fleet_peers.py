"""One workload after the other, as the peers read a cluster: seven queries each, taken from what Robusta KRR sends.

Two find its pods (kube_replicaset_owner over the whole time, kube_pod_owner), one says which of them run, and four are
on their usage. Six threads, a step of 75 s and a session that keeps its connections are its defaults; answers are
taken as JSON, and no more is done with them.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import requests
from fleet_world import names

THREADS, STEP = 6, 75
_SECONDS = 120.0


@dataclass(slots=True)
class PerWorkload:
    """end: unix seconds. encoding: that answers may have, None for what the library asks for (gzip)."""

    url: str
    end: int
    hours: float
    step_seconds: int
    threads: int
    encoding: str | None = None
    queries: int = 0
    _session: requests.Session = field(default_factory=requests.Session, init=False)

    def read(self, workloads: int) -> int:
        """How many containers had CPU usage."""
        self._session.trust_env = False  # nor looks for a proxy at each query
        self._session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=self.threads))
        if self.encoding is not None:
            self._session.headers["Accept-Encoding"] = self.encoding
        with self._session, ThreadPoolExecutor(self.threads) as pool:
            found = list(pool.map(self._workload, range(workloads)))
        self.queries = 7 * workloads
        return sum(found)

    def _workload(self, number: int) -> bool:
        namespace, name = names(number)
        span, step, place = f"{self.hours:g}h", f"{self.step_seconds}s", f'namespace="{namespace}"'
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

    def _ask(self, query: str) -> list[dict[str, dict[str, str]]]:
        asked = {"query": query, "time": str(self.end)}
        answer = self._session.get(f"{self.url}/api/v1/query", params=asked, timeout=_SECONDS)
        answer.raise_for_status()
        found: list[dict[str, dict[str, str]]] = answer.json()["data"]["result"]
        return found
