"""Amounts that nobody can mean."""

from advisor.model.proposal import NoProposal
from advisor.testing.asking import finding_of, proposals_of, the_finding
from advisor.testing.snapshots import a_context, a_snapshot
from advisor_rules.kubernetes.implausible_quantity import IMPLAUSIBLE_QUANTITY
from tests.fakes.manifests import cluster, container, deployment


def test_thousandths_of_a_byte_and_thousands_of_cores_are_told() -> None:
    containers = [
        container("a", requests={"cpu": "1e3", "memory": "1e3"}),
        container("b", requests={"cpu": 0.5, "memory": "129M"}, limits={"memory": "129M"}),
        container("d", requests={"cpu": 1, "memory": "100m"}),
        container("e", requests={"cpu": "2k", "memory": "1.5e9"}),
    ]
    seen = a_snapshot(clusters=[cluster(deployment("scales", containers))])
    summary = the_finding(IMPLAUSIBLE_QUANTITY, seen, a_context()).summary
    assert "a: 1000 cores of CPU" in summary
    assert "a: 1000 bytes of memory" in summary
    assert "d: memory of a byte or less, as m is a thousandth (Mi meant?)" in summary
    assert "e: 2000 cores of CPU" in summary
    assert "b:" not in summary
    assert isinstance(proposals_of(IMPLAUSIBLE_QUANTITY, seen, a_context()), NoProposal)


def test_usual_amounts_are_left_alone() -> None:
    seen = a_snapshot(clusters=[cluster(deployment("web", [container(requests={"cpu": "10m", "memory": "16Mi"})]))])
    assert finding_of(IMPLAUSIBLE_QUANTITY, seen, a_context()) is None
