"""A cluster of our own for the tests of this folder, or one that is given by ADVISOR_TEST_KUBECONFIG."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from advisor.servers.cluster import control_plane, played_metrics
from advisor.servers.cluster.control_plane import ControlPlane
from advisor.servers.cluster.objects import has, node
from advisor.servers.cluster.played_metrics import PlayedMetrics
from advisor.servers.cluster.programs import Programs
from advisor.servers.errors import ServerUnavailableError
from tests.cluster.cluster import Cluster, until

GIVEN = "ADVISOR_TEST_KUBECONFIG"
_SECONDS = 600
"""For one test together with the start of the servers, on a machine that is busy."""
_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.timeout(_SECONDS))


# Of the package and not of the session: servers that nobody uses any more would take from the tests that follow.
@pytest.fixture(scope="package")
def plane(servers_wanted: None) -> Iterator[ControlPlane]:
    """Ours. Skips where a cluster is given, and where the servers are missing."""
    if GIVEN in os.environ:
        pytest.skip(f"needs a cluster of our own, and {GIVEN} gives another")
    try:
        programs = Programs.found()
    except ServerUnavailableError as error:
        pytest.skip(str(error))
    with control_plane.start(programs) as started:
        yield started


@pytest.fixture(scope="package")
def cluster(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The one that is given, else ours, with a node that is ready."""
    folder = tmp_path_factory.mktemp("cluster")
    if given := os.environ.get(GIVEN):
        with Cluster.reached(Path(given), folder) as reached:
            yield reached
        return
    plane: ControlPlane = request.getfixturevalue("plane")
    with Cluster.reached(plane.kubeconfig, folder) as reached:
        made = node()
        reached.create(made)
        until(lambda: reached.get("v1", "Node", made["metadata"]["name"]), lambda seen: has(seen, "Ready"))
        yield reached


@pytest.fixture(scope="package")
def metrics(plane: ControlPlane, cluster: Cluster) -> Iterator[PlayedMetrics]:
    """What the autoscaler of our cluster is told of the load of pods."""
    with played_metrics.serving(plane.objects, plane.papers) as served:
        yield served


@pytest.fixture
def namespace(cluster: Cluster) -> Iterator[str]:
    """A fresh one."""
    with cluster.namespace() as name:
        yield name
