"""Durations and sizes need a unit."""

import pytest

from advisor.model.errors import ConfigurationError
from advisor.model.units import format_duration, parse_duration_seconds, parse_size_bytes


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("1h30m", 5400), ("250ms", 0.25), ("1.5m", 90), ("2w", 1209600), (" 5s ", 5)]
)
def test_durations_are_read_as_prometheus_writes_them(text: str, seconds: float) -> None:
    assert parse_duration_seconds(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["30", "", "s", "30 seconds", "-5s", "5s5", "1e3s", "NaN"])
def test_anything_else_is_refused_with_the_place_and_the_fix(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"trial\.warm_up.*not a duration.*with a unit"):
        parse_duration_seconds(text, where="trial.warm_up")


@pytest.mark.parametrize(("text", "size"), [("500MB", 500_000_000), ("1GiB", 1_073_741_824), ("1.5 kB", 1500)])
def test_decimal_and_binary_sizes_differ(text: str, size: int) -> None:
    assert parse_size_bytes(text) == size


@pytest.mark.parametrize("text", ["500", "500mb", "GB", "-1MB"])
def test_a_size_without_a_known_unit_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="not a size"):
        parse_size_bytes(text)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.012, "12ms"), (1.5, "1.5s"), (90, "1m30s"), (3600, "1h"), (90061, "1d1h"), (-5, "-5s")]
)
def test_durations_are_written_for_people(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


def test_next_to_no_time_is_not_told_in_powers_of_ten() -> None:
    assert [format_duration(seconds) for seconds in (6.37e-08, 0.0, 2e-6)] == ["<0.001ms", "0ms", "0.002ms"]
