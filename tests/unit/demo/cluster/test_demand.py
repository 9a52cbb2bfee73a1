"""The load of the demo on a cluster."""

from itertools import islice

from advisor.demo.cluster.demand import bursts


def test_it_is_steady_but_for_short_bursts_and_the_same_for_a_seed() -> None:
    course = list(islice(bursts(7, (21, 25)), 2000))
    assert course == list(islice(bursts(7, (21, 25)), 2000))
    lengths = [len(part) for part in "".join("b" if cores > 1.1 else " " for cores in course).split()]
    assert set(lengths) <= {3}
    assert 2000 / 28 <= len(lengths) <= 2000 / 23
    assert max(course) <= 1.65
