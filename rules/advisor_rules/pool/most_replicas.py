"""How many replicas of an application there can be at once: every autoscaler at its maximum, and a rollout. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from advisor.model.snapshot import Snapshot
from advisor.ports.rule import RuleContext
from advisor_rules.application_workloads import Deployed, workloads_of
from advisor_rules.pool.reading import PoolReading


@dataclass(frozen=True, slots=True, kw_only=True)
class MostReplicas:
    """replicas: at the autoscalers' maximum, as they are where there is none. surge: what a rollout adds to them.

    now: those that there are. why: where the two numbers come from, in words.
    """

    now: int
    replicas: int
    surge: int
    why: str

    @property
    def total(self) -> int:
        return self.replicas + self.surge


def most_replicas(reading: PoolReading, processes: int, snapshot: Snapshot, context: RuleContext) -> MostReplicas:
    """What the settings say comes first, then the objects of the cluster, then kube-state-metrics, then what is seen.

    processes: all that show the pool, each taken for a replica where nothing tells them apart.
    """
    app = context.applications.get(reading.app)
    deployed = workloads_of(reading.app, snapshot, context)
    seen = max(reading.replicas or 0, (app.replicas if app else None) or 0, _live(deployed))
    now = seen or _largest("deployment.replicas", reading.app, snapshot) or processes
    if app is not None and app.max_replicas:
        surge, why = _surge_of(app.max_replicas, deployed, context)
        return MostReplicas(now=now, replicas=app.max_replicas, surge=surge, why=f"max_replicas of the settings, {why}")
    if deployed:
        most = [_most(one) for one in deployed]
        surge = sum(one[1].rollout.surge.of(pods) for one, (pods, _) in zip(deployed, most, strict=True))
        why = ", ".join([*(text for _, text in most), *map(_surge_text, deployed)])
        # More than that are seen where a rollout is under way, or where some run outside of the cluster.
        replicas = max(sum(pods for pods, _ in most), now - surge)
        return MostReplicas(now=now, replicas=replicas, surge=surge, why=why)
    scaled = _largest("deployment.max_replicas", reading.app, snapshot)
    replicas = scaled or now
    surge, text = _surge_of(replicas, (), context)
    limit = "its autoscaler's maximum" if scaled else "as many as now"
    return MostReplicas(now=now, replicas=replicas, surge=surge, why=f"{limit}, {text}")


def _live(deployed: Sequence[Deployed]) -> int:
    """What a manifest says an autoscaler has overwritten long since: it counts processes of nobody."""
    return sum(_present(one) for one in deployed if one[0].is_live)


def _present(deployed: Deployed) -> int:
    _, workload = deployed
    return len(workload.pods) if workload.replicas is None else workload.replicas


def _most(deployed: Deployed) -> tuple[int, str]:
    """Two autoscalers on one target do nothing, and the larger maximum counts: one of them will be taken away."""
    cluster, workload = deployed
    hpas = cluster.hpas_of(workload)
    if not hpas:
        return _present(deployed), f"{workload.meta.kind} {workload.meta.name} as it is"
    highest = max(hpas, key=lambda hpa: hpa.max_replicas)
    return highest.max_replicas, f"maximum {highest.max_replicas} of {highest.title}"


def _surge_of(replicas: int, deployed: Sequence[Deployed], context: RuleContext) -> tuple[int, str]:
    """The share of the one workload where it is known, else the guide's."""
    if len(deployed) == 1:
        return deployed[0][1].rollout.surge.of(replicas), _surge_text(deployed[0])
    ratio = context.guide.pool.release_surge_ratio
    return math.ceil(replicas * ratio), f"a release's surge of {ratio:.0%}"


def _surge_text(deployed: Deployed) -> str:
    surge = deployed[1].rollout.surge
    return f"maxSurge {surge.value}{'%' if surge.is_percent else ''} of {deployed[1].meta.name}"


def _largest(name: str, deployment: str, snapshot: Snapshot) -> int | None:
    keys = snapshot.keys(name, deployment=deployment)
    values = [value for key in keys if (value := snapshot.value(name, **dict(key.labels))) is not None]
    return round(max(values)) if values else None
