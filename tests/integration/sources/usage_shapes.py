"""Shapes of usage metrics on one real Prometheus, each some days apart from the next, so that none sees another."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

_APART = timedelta(days=3)
_FIRST = datetime(2025, 10, 1, 12, tzinfo=UTC)
_WORD = re.compile(r"(_|-?[\d.]+)([+-][\d.]+)?(?:x(\d+))?")
_POD = re.compile(r'pod(?:_name)?="([\w-]+)"')
_CLUSTER = re.compile(r'cluster="(\w+)"')
LENGTH = 15
"""Minutes of a shape."""


def shapes() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text())
    return found


def ends() -> dict[str, datetime]:
    """When each shape ends."""
    return {name: _FIRST + number * _APART for number, name in enumerate(shapes())}


def recorded() -> str:
    """All of them as OpenMetrics. A pod whose owner no series tells is of a StatefulSet: crane-7c9-aa of crane."""
    families: dict[str, list[str]] = {}
    for name, end in ends().items():
        series = {key: list(_values(str(text))) for key, text in shapes()[name].items()}
        owned = {pod for key in series if key.startswith("kube_pod_owner") for pod in _POD.findall(key)}
        clusters = sorted({cluster for key in series for cluster in _CLUSTER.findall(key)}) or [""]
        for pod in sorted({pod for key in series for pod in _POD.findall(key)} - owned):
            for cluster in clusters:
                owner = f'owner_kind="StatefulSet",owner_name="{pod.split("-")[0]}",cluster="{cluster}"'
                series[f'kube_pod_owner{{namespace="quay",pod="{pod}",{owner}}}'] = [1.0] * (LENGTH + 1)
        for key, values in series.items():
            lines = families.setdefault(key.split("{")[0], [])
            for minute, value in enumerate(values):
                if value is not None:
                    at = end - timedelta(minutes=LENGTH - minute)
                    lines.append(f"{key} {value!r} {at.timestamp():.0f}")
    text = [line for family, lines in families.items() for line in (f"# TYPE {family} unknown", *lines)]
    return "\n".join([*text, "# EOF", ""])


def _values(notation: str) -> Iterator[float | None]:
    for word in notation.split():
        found = _WORD.fullmatch(word)
        assert found is not None, word
        start, step, times = found[1], float(found[2] or 0), int(found[3] or 0)
        if start == "_":
            yield from [None] * max(times, 1)
        else:
            yield from (float(start) + number * step for number in range(times + 1))
