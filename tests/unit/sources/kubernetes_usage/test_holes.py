"""Windows that are covered too badly to count."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from advisor.sources.kubernetes_usage.answers.asking import Series, Span
from advisor.sources.kubernetes_usage.answers.names import source_of
from advisor.sources.kubernetes_usage.tallies.folding import folded
from advisor.sources.kubernetes_usage.tallies.holes import Holes

TARGET = {"job": "kubelet", "instance": "10.0.0.1:10250"}


def part(first: float, last: float) -> Span:
    begins, ends = (datetime.fromtimestamp(at, UTC) for at in (first, last))
    return Span(first=begins, last=ends, step_seconds=300)


ALL = part(300, 1500)


def series(*points: tuple[float, float], **labels: str) -> Series:
    named = {"namespace": "shop", "pod": "web-1", "container": "app", **TARGET, **labels}
    return Series(begins=points[0][0], source=source_of(named), points=points)


def going_on(**labels: str) -> Series:
    """Half a core all along."""
    return series(*((at, 0.5) for at in range(300, 1800, 300)), **labels)


def of_series(*holes: Series) -> Holes:
    found = Holes(by_target=False)
    found.add(holes)
    return found


def of_targets(*holes: Series) -> Holes:
    found = Holes(by_target=True)
    found.add(holes)
    return found


def target(*at: float, **labels: str) -> Series:
    """at: its holes. It is there at the end of all."""
    points = [*((moment, 1.0) for moment in at), (1500, 2.0)]
    return Series(begins=points[0][0], source=source_of({**TARGET, **labels}), points=points)


def without(labels: Mapping[str, str], name: str) -> dict[str, str]:
    return {other: value for other, value in labels.items() if other != name}


def moments(holes: Holes, *several: Series, where: Span = ALL) -> list[list[float]]:
    """Of each series when it counts."""
    return [[float(at) for at, _ in one.points] for one in holes.left_out(several, where)]


def test_a_hole_of_one_replica_takes_nothing_from_the_other() -> None:
    both = [series((300, 0.2), (600, 0.5), replica="0"), series((300, 0.5), (600, 0.5), replica="1")]
    ((_, one),) = folded(of_series(series((300, 3), replica="0")).left_out(both, ALL))
    assert [tuple(map(float, point)) for point in one.points] == [(300, 0.5), (600, 0.5)]


def test_an_answer_begins_after_the_holes_that_it_begins_with() -> None:
    """Else a pod that was there all along would seem to start at its first covered window."""
    (one,) = of_series(series((300, 3))).left_out([series((300, 0.2), (600, 0.5))], ALL)
    assert (one.begins, [float(at) for at, _ in one.points]) == (600, [600])


def test_a_hole_of_a_target_is_one_of_all_that_it_shows_and_of_no_other() -> None:
    told = of_targets(target(600, 900), target(instance="10.0.0.2:10250"))
    found = moments(told, going_on(), going_on(instance="10.0.0.2:10250"))
    assert found == [[300, 1200, 1500], [300, 600, 900, 1200, 1500]]


def test_a_target_may_be_in_a_namespace_and_a_pod_of_its_own() -> None:
    """As a kubelet is that a service names, or cAdvisor in a DaemonSet: its series have the containers'."""
    told = of_targets(
        target(600, namespace="kube-system", service="kubelet", pod="cadvisor-x"), target(instance="other")
    )
    assert moments(told, going_on(service="kubelet")) == [[300, 900, 1200, 1500]]


def test_a_hole_counts_for_what_is_no_targets_of_its_job() -> None:
    """Whose instance is written anew on the way may be of any of them; not so of another job's."""
    told = of_targets(target(600), target(900, job="other"))
    found = moments(told, going_on(instance="node-1"), going_on(job="third"))
    assert found == [[300, 900, 1200, 1500], [300, 600, 900, 1200, 1500]]


def test_of_a_target_without_a_hole_all_windows_count() -> None:
    assert moments(of_targets(target()), going_on()) == [[300, 600, 900, 1200, 1500]]


def test_where_all_pods_are_replaced_at_once_none_was_there_all_along() -> None:
    """Each lacks half of the time: the longest of them tells nothing of the others."""
    old, new = series((300, 0.5), (600, 0.5), (900, 0.1)), series((900, 0.1), (1200, 0.5), (1500, 0.5))
    assert moments(of_targets(), old, new) == [[300, 600], [1200, 1500]]


def test_a_hole_of_a_target_counts_for_what_lost_a_label_of_it() -> None:
    """Where it is dropped on the way, no series can be told from what another target of the job shows."""
    (holes, other) = of_targets(target(600)), going_on(job="node-exporter")
    lost = [one._replace(source=source_of(without(one.source.labels, "instance"))) for one in (going_on(), other)]
    assert moments(holes, *lost) == [[300, 900, 1200, 1500], [300, 600, 900, 1200, 1500]]


def test_a_series_does_not_count_in_the_windows_in_which_it_begins_and_ends() -> None:
    """They are covered by a part of the window alone; nobody knows by how much."""
    short = series((600, 0.1), (900, 0.5), (1200, 0.2))
    assert moments(of_targets(), going_on(), short) == [[300, 600, 900, 1200, 1500], [900]]


def test_what_was_there_before_and_after_the_time_that_is_read_counts_at_its_ends() -> None:
    until, since = series((300, 0.5), (600, 0.5), (900, 0.2)), series((900, 0.1), (1200, 0.5), (1500, 0.5))
    assert moments(of_targets(), going_on(), until, since)[1:] == [[300, 600], [1200, 1500]]


def test_a_gap_of_one_series_alone_takes_the_windows_beside_it() -> None:
    gap = series((300, 0.5), (600, 0.2), (1200, 0.2), (1500, 0.5))
    assert moments(of_targets(), going_on(), gap)[1] == [300, 1500]


@pytest.mark.parametrize(("ended", "counts"), [("web-1", [1800, 2100]), ("web-0", [2100])])
def test_a_series_that_begins_with_a_part_was_there_before_or_was_not(ended: str, counts: list[float]) -> None:
    holes = of_targets()
    moments(holes, going_on(pod=ended))
    assert moments(holes, series((1800, 0.1), (2100, 0.5)), where=part(1800, 2100)) == [counts]
