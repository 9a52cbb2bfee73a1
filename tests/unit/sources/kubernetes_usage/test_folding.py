"""Several series of one container."""

from advisor.sources.kubernetes_usage.answers.asking import Series
from advisor.sources.kubernetes_usage.answers.names import source_of
from advisor.sources.kubernetes_usage.tallies.folding import folded


def series(replica: str, *points: tuple[float, float]) -> Series:
    labels = {"namespace": "shop", "pod": "web-1", "container": "app", "prometheus_replica": replica}
    return Series(begins=points[0][0], source=source_of(labels), points=points)


def pairs(one: Series) -> list[tuple[float, float]]:
    return [(float(at), float(value)) for at, value in one.points]


def test_replicas_of_one_container_count_once_each_moment_with_the_greater() -> None:
    both = [series("0", (300, 400), (900, 900)), series("1", (300, 500), (600, 400), (900, 400))]
    ((_, one),) = folded(both)
    assert pairs(one) == [(300, 500), (600, 400), (900, 900)]


def test_a_container_that_was_made_anew_goes_on_where_the_old_one_ended() -> None:
    ((_, one),) = folded([series("new", (600, 100), (900, 200)), series("old", (300, 900))])
    assert pairs(one) == [(300, 900), (600, 100), (900, 200)]
