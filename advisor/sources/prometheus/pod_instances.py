"""What Prometheus calls the pods of a workload: the label `instance` of what it scrapes of them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from advisor.clients.prometheus import PrometheusApi
from advisor.model.errors import BadDataError, SourceUnavailableError
from advisor.ports.clock import Clock
from advisor.settings.prometheus import PrometheusSettings
from advisor.sources.prometheus.catalogue import escaped, pairs_of


class PodInstances:
    """Asks for `up` alone: by pod where targets are labelled so, as the operator's monitors do, else by address."""

    def __init__(self, api: PrometheusApi, settings: PrometheusSettings, clock: Clock) -> None:
        self._api = api
        self._matchers = pairs_of(settings.matchers)
        self._clock = clock

    def scraped(self, namespace: str, addresses: Mapping[str, str]) -> Mapping[str, Sequence[str]]:
        """By pod; none of those that are not scraped. addresses: the IP of each pod.

        Raises SourceUnavailableError, BadDataError.
        """
        if not addresses:
            return {}
        names = escaped("|".join(map(re.escape, sorted(addresses))))
        of_pods = self._up("pod, instance", f"namespace={escaped(namespace)}", f"pod=~{names}")
        if of_pods:
            return _listed((labels.get("pod", ""), labels.get("instance", "")) for labels in of_pods)
        pods = {address: pod for pod, address in addresses.items() if address}
        if not pods:
            return {}
        hosts = escaped("|".join(rf"\[?{re.escape(address)}\]?(:\d+)?" for address in sorted(pods)))
        found = self._up("instance", f"instance=~{hosts}")
        return _listed((pods.get(_host(one.get("instance", "")), ""), one.get("instance", "")) for one in found)

    def _up(self, labels: str, *which: str) -> list[dict[str, str]]:
        """Of this cluster alone: others may have pods, and addresses, of the same names."""
        query = f"group by ({labels}) (up{{{','.join([*which, *self._matchers])}}})"
        answer = self._api.instant(query, self._clock.now())
        if answer.kind != "vector":
            raise BadDataError(f"a {answer.kind} where a vector is expected", where="prometheus")
        if answer.warnings:
            raise SourceUnavailableError("a partial answer: " + "; ".join(answer.warnings), where="prometheus")
        return [_labels(row) for row in answer.result]


def _labels(row: Any) -> dict[str, str]:
    try:
        return {str(name): str(value) for name, value in row["metric"].items()}
    except (KeyError, TypeError, AttributeError) as error:
        raise BadDataError(f"a series of an unknown shape: {type(error).__name__}", where="prometheus") from error


def _listed(pairs: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for pod, instance in sorted(pairs):
        if pod and instance:
            found.setdefault(pod, []).append(instance)
    return found


def _host(instance: str) -> str:
    """Of "10.1.2.3:8080", "[fd00::1]:8080" or a bare address."""
    if instance.startswith("["):
        return instance[1:].partition("]")[0]
    return instance.rpartition(":")[0] if instance.count(":") == 1 else instance
