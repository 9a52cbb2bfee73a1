"""Samples that somebody has reason to doubt."""

from advisor.model.signal import series_of
from advisor.sources.doubted import DoubtedSamples
from advisor.testing.samples import FakeSamples
from advisor.testing.words import ERRORS, NOON, WAIT


def test_what_is_doubted_is_missing_and_is_not_asked_for() -> None:
    samples = FakeSamples()
    doubted = DoubtedSamples(samples=samples, doubt=lambda key: "no data" if key == ERRORS else "")
    found = doubted.series([ERRORS, WAIT], NOON, NOON)
    assert found[ERRORS].problem == "no data"
    assert found[WAIT] == samples.series([WAIT], NOON, NOON)[WAIT]
    assert series_of([(NOON, 1.0)]).problem == ""
