"""Shares of throttled periods, made of counters that stand at the ends of hours."""

from collections.abc import Sequence

from advisor.model.kubernetes.usage import ContainerKey
from advisor.sources.kubernetes_usage.answers.asking import Series
from advisor.sources.kubernetes_usage.answers.names import Place, source_of
from advisor.sources.kubernetes_usage.tallies.throttling import Throttling

HOUR = 3600.0
NOON = 1_772_452_800.0
KEY = ContainerKey(namespace="shop", kind="Deployment", workload="web", container="app")
Counts = Sequence[float | None]


def key_of(place: Place) -> ContainerKey | None:
    return None if place.pod == "nobody's" else KEY


def counters(throttled: Counts, periods: Counts, *, pod: str = "web-1", first: int = 0, **labels: str) -> list[Series]:
    """At noon, an hour later, and so on. first: hours after noon."""
    found = []
    for name, counts in (("throttled_", throttled), ("", periods)):
        points = [(NOON + (first + hour) * HOUR, count) for hour, count in enumerate(counts) if count is not None]
        named = {"__name__": f"container_cpu_cfs_{name}periods_total", "namespace": "shop", "pod": pod}
        found.append(Series(begins=NOON, source=source_of({**named, "container": "app", **labels}), points=points))
    return found


def shares(throttling: Throttling, *series: list[Series], base: float = NOON) -> dict[str, list[tuple[float, float]]]:
    """Of each pod, hours after noon and share."""
    found = throttling.shares([one for several in series for one in several], base, key_of)
    if found is None:
        return {}
    columns, _ = found
    ends = columns.sizes.cumsum().tolist()
    return {
        place.pod: [
            ((at - NOON) / HOUR, value)
            for at, value in zip(columns.times[end - size : end], columns.values[end - size : end], strict=True)
        ]
        for place, size, end in zip(columns.places, columns.sizes.tolist(), ends, strict=True)
    }


def test_the_first_point_only_says_from_where_the_next_one_counts() -> None:
    """1,000 of 10,000 periods before noon are nobody's; then 300 of 1,000, and 0 of 1,000."""
    found = shares(Throttling(), counters([1000, 1300, 1300], [10_000, 11_000, 12_000]))
    assert found == {"web-1": [(1, 0.3), (2, 0.0)]}


def test_a_container_that_was_not_there_before_counts_from_nothing() -> None:
    """A job of some minutes stands at the end of one hour alone: 50 of 200 periods."""
    found = shares(Throttling(), counters([1, 1], [9, 10]), counters([50], [200], pod="job", first=1))
    assert found["job"] == [(1, 0.25)]


def test_one_that_restarted_counts_from_nothing_as_its_counters_do() -> None:
    """It restarted in the second hour, and was throttled in 30 of 300 periods since."""
    found = shares(Throttling(), counters([100, 200, 30], [1000, 1500, 300]))
    assert found == {"web-1": [(1, 0.2), (2, 0.1)]}


def test_one_that_ran_before_it_was_seen_counts_from_where_it_was_seen_first() -> None:
    """An hour has 36,000 periods: who has had 90,000 ran before, and was throttled in 300 of 1,000 since."""
    found = shares(
        Throttling(), counters([1, 1], [9, 10]), counters([45_000, 45_300], [90_000, 91_000], pod="old", first=1)
    )
    assert found["old"] == [(2, 0.3)]


def test_a_counter_that_falls_back_a_little_is_of_no_new_container() -> None:
    """As where replicas take turns: 90,990 periods are of more than the hour since."""
    found = shares(Throttling(), counters([45_000, 45_300, 45_290, 45_490], [90_000, 91_000, 90_990, 91_990]))
    assert found == {"web-1": [(1, 0.3), (3, 0.2)]}


def test_of_containers_that_crash_again_and_again_each_counts_from_nothing() -> None:
    """One ended with 0 of 600, the next stands at 350 of 700: not 350 of 100."""
    assert shares(Throttling(), counters([0, 0, 350], [0, 600, 700]))["web-1"] == [(1, 0.0), (2, 0.5)]


def test_points_that_a_frontend_moved_to_whole_hours_count_from_the_first_of_them() -> None:
    """Asked for from half past twelve on, answered from noon on: what was before noon is nobody's."""
    found = shares(Throttling(), counters([1000, 1300], [10_000, 11_000]), base=NOON + HOUR / 2)
    assert found == {"web-1": [(1, 0.3)]}


def test_an_hour_in_which_nothing_ran_has_no_share() -> None:
    assert shares(Throttling(), counters([5, 5], [10, 10])) == {}


def test_a_hole_is_part_of_the_time_after_it() -> None:
    """Unknown at one o'clock: 400 of 2,000 periods in the two hours until two."""
    throttling = Throttling()
    found = throttling.shares(counters([0, None, 400], [0, None, 2000]), NOON, key_of)
    assert found is not None
    assert (found[0].values.tolist(), found[1].tolist()) == ([0.2], [2 * HOUR])


def test_only_moments_that_both_counters_have_count() -> None:
    found = shares(Throttling(), counters([0, None, 400], [0, 500, 2000]))
    assert found == {"web-1": [(2, 0.2)]}


def test_what_two_replicas_say_of_one_container_counts_once() -> None:
    """Scraped a moment apart: the greater of each."""
    one = counters([0, 90], [0, 990], replica="a")
    other = counters([0, 100], [0, 1000], replica="b")
    assert shares(Throttling(), one, other) == {"web-1": [(1, 0.1)]}


def test_the_next_look_goes_on_where_the_last_one_ended() -> None:
    """Its base is an hour back, before the end of the last look: only what is later counts."""
    throttling = Throttling()
    shares(throttling, counters([0, 100], [0, 1000]))
    later = counters([100, 160], [1000, 1200], first=1)
    assert shares(throttling, later, base=NOON) == {"web-1": [(2, 0.3)]}
    assert shares(throttling, later, base=NOON) == {}


def test_a_pod_of_nobody_counts_for_nothing() -> None:
    assert shares(Throttling(), counters([0, 100], [0, 1000], pod="nobody's")) == {}


def test_one_counter_alone_says_nothing() -> None:
    throttled, periods = counters([0, 100], [0, 1000])
    assert Throttling().shares([throttled], NOON, key_of) is None
    assert Throttling().shares([periods], NOON, key_of) is None
