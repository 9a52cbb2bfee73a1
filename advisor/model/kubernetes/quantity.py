"""Kubernetes' quantities, read exactly: "500m", "1.5Gi", "1e3". Values are compared: a server rewrites texts."""

import re
from fractions import Fraction

_NUMBER = re.compile(
    r"(?P<digits>[+-]?(?:\d+\.?\d*|\.\d+))(?:[eE](?P<exponent>[+-]?\d{1,3})|(?P<suffix>[KMGTPE]i|[numkMGTPE]))?"
)
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_LONGEST = 40
_LARGEST = 2**63 - 1


def parse_quantity(value: object) -> Fraction:
    """The exact number that a manifest or an API server means by `value`.

    YAML gives numbers without quotes as int or float, and 1e3 as text. Raises ValueError for what no server would take:
    "1GB", "NaN", a list, more than 2^63 - 1.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"{str(value)[:_LONGEST]!r} is no quantity")
    text = repr(value) if isinstance(value, float) else str(value)
    found = _NUMBER.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        raise ValueError(f"{text[:_LONGEST]!r} is no quantity")
    number = Fraction(found["digits"]) * _factor(found["exponent"], found["suffix"])
    if abs(number) > _LARGEST:
        raise ValueError(f"{text!r} is more than a server can hold")
    return number


def _factor(exponent: str | None, suffix: str | None) -> Fraction:
    if exponent is not None:
        return Fraction(10) ** int(exponent)
    if suffix is None:
        return Fraction(1)
    return Fraction(1024) ** _BINARY[suffix] if suffix in _BINARY else Fraction(10) ** _DECIMAL[suffix]


def parse_cores(value: object) -> Fraction:
    """CPU in cores, at least 0. Raises ValueError."""
    return _not_negative(parse_quantity(value), value)


def parse_bytes(value: object) -> int:
    """Memory in whole bytes, at least 0; a part of a byte counts as one, as the server has it. Raises ValueError."""
    number = _not_negative(parse_quantity(value), value)
    return -(-number.numerator // number.denominator)


def _not_negative(number: Fraction, value: object) -> Fraction:
    if number < 0:
        raise ValueError(f"{value!r} is below 0")
    return number


def format_cores(cores: Fraction) -> str:
    """As people write it: "2", "500m", "1500m"; finer than a thousandth as "20500u" and the like, never rounded."""
    if cores.denominator == 1:
        return str(cores.numerator)
    for suffix in ("m", "u", "n"):
        scaled = cores / Fraction(10) ** _DECIMAL[suffix]
        if scaled.denominator == 1:
            return f"{scaled.numerator}{suffix}"
    return f"{-(-scaled.numerator // scaled.denominator)}n"


def format_bytes(count: int) -> str:
    """The shortest exact way to write it: 1073741824 -> "1Gi", 129000000 -> "129M", 1000 -> "1k", 1001 -> "1001"."""
    if count == 0:
        return "0"
    sizes = [(1024**power, suffix) for suffix, power in _BINARY.items()]
    sizes += [(10**power, suffix) for suffix, power in _DECIMAL.items() if power > 0]
    exact = [f"{count // size}{suffix}" for size, suffix in sizes if count % size == 0]
    return min([*exact, str(count)], key=len)


def show_bytes(count: int) -> str:
    """For people, with two decimals at most: 129000000 -> "123.02Mi", 1536 MiB -> "1.5Gi"."""
    for suffix in reversed(_BINARY):
        size = 1024 ** _BINARY[suffix]
        if count >= size:
            return f"{count / size:.2f}".rstrip("0").rstrip(".") + suffix
    return f"{count}"
