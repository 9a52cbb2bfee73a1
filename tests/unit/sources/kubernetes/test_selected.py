"""A selector over a cluster: which workloads are left, and what goes with those that are not."""

from dataclasses import dataclass
from typing import Any

import pytest

from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.snapshot import Observation, SourceStatus
from advisor.sources.kubernetes.selected import SelectedWorkloads
from tests.fakes.manifests import autoscaler, cluster, container, deployment

FULL = [container(requests={"cpu": "1", "memory": "1Gi"})]


@dataclass(slots=True)
class Seen:
    """A source that has seen this cluster."""

    state: ClusterState
    name: str = "manifests"

    def read(self, window_seconds: float) -> Observation:
        return Observation(clusters={self.name: self.state}, detail="3 workloads")


def labelled(document: dict[str, Any], **labels: str) -> dict[str, Any]:
    return {**document, "metadata": {**document["metadata"], "labels": labels}}


def shop() -> ClusterState:
    lone = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "lone", "namespace": "shop"}}
    return cluster(
        labelled(deployment("web", FULL), app="web", tier="front"),
        labelled(deployment("ledger", FULL), app="ledger"),
        labelled({**lone, "spec": {"containers": FULL}}, app="web"),
        autoscaler("web", "web"),
        autoscaler("ledger", "ledger"),
        autoscaler("lost", "lost"),
    )


def read(text: str) -> Observation:
    return SelectedWorkloads(Seen(shop()), text).read(300)


def names(seen: Observation) -> tuple[list[str], list[str]]:
    state = seen.clusters["manifests"]
    return [one.meta.name for one in state.workloads], [one.meta.name for one in state.hpas]


def test_workloads_go_by_their_own_labels_and_autoscalers_with_their_workload() -> None:
    seen = read("app=web")
    assert names(seen) == (["web", "lone"], ["web"])
    assert (seen.status, seen.detail) == (SourceStatus.OK, "2 of 3 workloads have the labels app=web; 3 workloads")


def test_the_labels_of_the_pods_are_not_those_of_the_workload() -> None:
    """The template of ledger has app: ledger as well, of web app: web; only web has a tier of its own."""
    assert names(read("tier"))[0] == ["web"]
    assert names(read("!tier"))[0] == ["ledger", "lone"]


def test_labels_that_no_workload_has_are_told() -> None:
    seen = read("app=wbe")
    assert (names(seen), seen.status) == (([], []), SourceStatus.DEGRADED)
    assert seen.detail.startswith("0 of 3 workloads have the labels app=wbe")


def test_what_is_no_selector_is_refused_before_anything_is_read() -> None:
    with pytest.raises(ValueError, match="no name of a label"):
        SelectedWorkloads(Seen(shop()), "app~web")
