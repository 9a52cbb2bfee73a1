"""Durations and sizes as people write them in configuration. A number without a unit is refused."""

import math
import re

from advisor.model.errors import ConfigurationError

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)")
_BYTES = {"B": 1, "kB": 1000, "KB": 1000, "MB": 1000**2, "GB": 1000**3, "TB": 1000**4}
_BYTES |= {"KiB": 1024, "MiB": 1024**2, "GiB": 1024**3, "TiB": 1024**4}
_LONGEST_SECONDS = 3650 * 86400.0
_LARGEST_BYTES = 10**18
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)")


def parse_duration_seconds(text: str, *, where: str = "duration") -> float:
    """Seconds in `text`, Prometheus style: "30s", "1h30m", "250ms"; ten years at most. Raises ConfigurationError."""
    compact = text.strip()
    parts = _PART.findall(compact)
    if not parts or "".join(number + unit for number, unit in parts) != compact:
        raise ConfigurationError(
            f"{text!r} is not a duration", where=where, fix='write it with a unit, as "30s" or "1h30m"'
        )
    seconds = math.fsum(float(number) * _SECONDS[unit] for number, unit in parts)
    if seconds > _LONGEST_SECONDS:
        raise ConfigurationError("is longer than ten years", where=where, fix="write a shorter time")
    return seconds


_LEAST_TOLD_SECONDS = 1e-6


def format_duration(seconds: float) -> str:
    """`seconds` for people: 0.012 -> "12ms", 90 -> "1m30s", 0.5 -> "500ms"."""
    if seconds < 0:
        return "-" + format_duration(-seconds)
    if 0 < seconds < _LEAST_TOLD_SECONDS:
        return "<0.001ms"
    if seconds < 1:
        return f"{seconds * 1000:.3g}ms"
    if seconds < 60:
        return f"{seconds:.3g}s"
    left, parts = round(seconds), []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts[:2])


def parse_size_bytes(text: str, *, where: str = "size") -> int:
    """Bytes in `text`: "500MB" is 500,000,000 and "500MiB" is 524,288,000. Raises ConfigurationError."""
    found = _SIZE.fullmatch(text.strip())
    if found is None or found[2] not in _BYTES:
        raise ConfigurationError(
            f"{text!r} is not a size", where=where, fix='write it with a unit, as "500MB" or "1GiB"'
        )
    size = float(found[1]) * _BYTES[found[2]]
    if size > _LARGEST_BYTES:
        raise ConfigurationError("is more than a million terabytes", where=where, fix="write a smaller size")
    return round(size)
