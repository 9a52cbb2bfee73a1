"""Quantities are read exactly, in all the ways in which people and servers write them."""

from fractions import Fraction
from typing import Any

import pytest

from advisor.model.kubernetes.quantity import format_bytes, format_cores, parse_bytes, parse_cores, show_bytes


@pytest.mark.parametrize(
    ("written", "cores"),
    [
        ("1e3", 1000),  # YAML 1.1 reads it as text
        (0.5, Fraction(1, 2)),
        ("100m", Fraction(1, 10)),
        (1, 1),
        ("2k", 2000),
        ("2e-2", Fraction(1, 50)),
        ("20e-3", Fraction(1, 50)),  # what a server makes of the one before
        ("+1.5", Fraction(3, 2)),
        (".5", Fraction(1, 2)),
        ("1.", 1),
        ("250000u", Fraction(1, 4)),
        ("1n", Fraction(1, 10**9)),
        ("1E", 10**18),
        ("1E2", 100),
        ("0", 0),
    ],
)
def test_cpu_is_exact(written: Any, cores: Any) -> None:
    assert parse_cores(written) == cores


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("1e3", 1000),
        ("129M", 129_000_000),
        ("1.5Gi", 1_610_612_736),
        ("1536Mi", 1_610_612_736),
        ("100m", 1),  # a tenth of a byte, rounded up
        ("1.5e9", 1_500_000_000),
        ("1500e6", 1_500_000_000),
        (134_217_728, 134_217_728),
        ("128Mi", 134_217_728),
        ("1Ki", 1024),
    ],
)
def test_memory_is_in_whole_bytes(written: Any, count: int) -> None:
    assert parse_bytes(written) == count


@pytest.mark.parametrize(
    "written",
    [
        "1GB",
        "1 Gi",
        "",
        "NaN",
        "Infinity",
        float("inf"),
        "0x10",
        "1Kib",
        "1e",
        "-",
        True,
        None,
        [1],
        {},
        "1e999",
        "9" * 41,
    ],
)
def test_what_no_server_takes_is_refused(written: Any) -> None:
    with pytest.raises(ValueError, match=r"quantity|more than a server can hold"):
        parse_cores(written)


def test_a_negative_amount_is_refused() -> None:
    with pytest.raises(ValueError, match="below 0"):
        parse_bytes("-1Mi")


@pytest.mark.parametrize("written", ["2", "500m", "1500m", "20500u", "1n", "0"])
def test_cpu_is_written_as_it_was_read(written: str) -> None:
    assert format_cores(parse_cores(written)) == written


@pytest.mark.parametrize(
    ("count", "exact", "shown"),
    [
        (1024**3, "1Gi", "1Gi"),
        (129_000_000, "129M", "123.02Mi"),  # 129e6 / 1024^2
        (1_610_612_736, "1536Mi", "1.5Gi"),
        (1000, "1k", "1000"),
        (1001, "1001", "1001"),
        (0, "0", "0"),
    ],
)
def test_memory_is_written_exactly_and_shown_shortly(count: int, exact: str, shown: str) -> None:
    assert (format_bytes(count), show_bytes(count)) == (exact, shown)
