"""The containers that kube-state-metrics names, with their sizes and roles."""

from dataclasses import dataclass, field
from functools import lru_cache

from advisor.model.kubernetes.container import ContainerRole
from advisor.model.kubernetes.resources import ResourceName, Resources
from advisor.sources.kubernetes_usage.answers.asking import Rows
from advisor.sources.kubernetes_usage.answers.names import Place, place_of
from advisor.sources.kubernetes_usage.facts import Facts, Pod, amounts_of, resource_of

Sizes = frozenset[tuple[tuple[str, ResourceName], float]]
"""("requests" or "limits", resource) and how much of it, in cores or bytes."""
UNSAID: Sizes = frozenset()
_INIT = "kube_pod_init_"


@dataclass(slots=True)
class Containers:
    """Of pods that are not over. sizes: of every container that is named, `UNSAID` where it says nothing.

    init: those that are init containers; sidecars: of them, those that are known to run on; ended: whether one of them
    has run to its end, or does not run now where that is not told. pod_sized: pods that ask for something as a whole,
    and nobody tells how much. tells_sizes: whether any container says anything, so that silence means something.
    """

    sizes: dict[Place, Sizes] = field(default_factory=dict)
    init: set[Place] = field(default_factory=set)
    sidecars: set[Place] = field(default_factory=set)
    ended: dict[Place, bool] = field(default_factory=dict)
    pod_sized: set[Pod] = field(default_factory=set)
    tells_sizes: bool = False

    def role_of(self, places: set[Place], served: set[Pod]) -> ContainerRole | None:
        """Of one container in its pods; None where nobody can tell. served: pods one of whose app containers runs now.

        An init container that runs beside those runs on: one that does not is over before they begin.
        """
        init = places & self.init
        if not init:
            return ContainerRole.APP
        if init & self.sidecars:
            return ContainerRole.SIDECAR
        told = [not self.ended[one] for one in init if one in self.ended and (one.namespace, one.pod) in served]
        if not told:
            return None
        return ContainerRole.SIDECAR if 2 * sum(told) > len(told) else ContainerRole.INIT


def recorded_containers(rows: Rows, facts: Facts) -> Containers:
    """rows: of the query `resources`."""
    found = Containers()
    sizes: dict[Place, dict[tuple[str, ResourceName], float]] = {}
    for labels, value in rows:
        place, metric = place_of(labels), labels.get("__name__", "")
        told = labels.get("told", "")
        found.tells_sizes = found.tells_sizes or not told
        if (place.namespace, place.pod) in facts.finished:
            continue
        if told == "pod":
            found.pod_sized.add((place.namespace, place.pod))
            continue
        if metric.startswith(_INIT) or told in ("ended", "sidecar"):
            found.init.add(place)
        said = sizes.setdefault(place, {})
        if told == "ended":
            found.ended[place] = value > 0
        elif told == "sidecar":
            found.sidecars.add(place)
        elif not told and (name := resource_of(labels)) is not None:
            said["limits" if "_limits" in metric else "requests", name] = value
    found.sizes.update((place, frozenset(values.items())) for place, values in sizes.items())
    for place in found.init - found.ended.keys():
        found.ended[place] = place not in facts.running
    return found


@lru_cache(maxsize=1024)
def resources(sizes: Sizes) -> Resources:
    """They are few, and many containers have them."""
    kinds: dict[str, dict[ResourceName, float]] = {}
    for (kind, name), value in sizes:
        kinds.setdefault(kind, {})[name] = value
    return Resources(**{kind: amounts_of(values) for kind, values in kinds.items()})
