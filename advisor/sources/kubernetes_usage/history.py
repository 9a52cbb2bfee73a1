"""Digested days in the notebook, so that a day is read from Prometheus once."""

import base64
import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from advisor.model.kubernetes.hours import Hours
from advisor.model.kubernetes.usage import ContainerKey, UsageDay
from advisor.ports.notebook import Notebook
from advisor.sources.kubernetes_usage.answers.names import SURFACE
from advisor.sources.kubernetes_usage.tallies.day_tally import DigestedDay
from advisor.sources.kubernetes_usage.tallies.sketches import read_sketch

_VERSION = 1
_A_NOTE = 8
"""Containers in one note: a few kilobytes."""
_HOURLY = ("memory_hours", "memory_changes", "cpu_hours", "throttled_hours")
_IN_SKETCHES = ("cpu_peak", "memory_peak")
Days = dict[date, dict[ContainerKey, DigestedDay]]


@dataclass(frozen=True, slots=True)
class DayHistory:
    """Days of one environment. Every method raises JournalError."""

    notebook: Notebook
    environment: str

    def read(self, oldest: date) -> Days:
        """The days from `oldest` on; what is older, was cut off by a crash, or is of another version is dropped."""
        days: Days = {}
        whole: set[date] = set()
        for key, text in self.notebook.entries(SURFACE, self._key("")):
            day, _, part = key.removeprefix(self._key("")).partition("/")
            moment = date.fromisoformat(day)
            if moment < oldest:
                self.notebook.drop(SURFACE, key)
            elif not part:
                whole |= {moment} if text == str(_VERSION) else set()
            elif (found := _read(text)) is not None:
                days.setdefault(moment, {}).update(found)
        return {day: containers for day, containers in days.items() if day in whole}

    def write(self, day: date, containers: Mapping[ContainerKey, DigestedDay]) -> None:
        """A closed day. What says that it is whole comes last."""
        rows = sorted(containers.items(), key=lambda item: str(item[0]))
        for begin in range(0, len(rows), _A_NOTE):
            self.notebook.write(
                SURFACE, self._key(f"{day}/{begin // _A_NOTE:05}"), _text(rows[begin : begin + _A_NOTE])
            )
        self.notebook.write(SURFACE, self._key(str(day)), str(_VERSION))

    def _key(self, rest: str) -> str:
        return f"{self.environment}:{rest}"


def _text(batch: Sequence[tuple[ContainerKey, DigestedDay]]) -> str:
    rows = [[list(key), _plain(one.day), one.cpu.text(), one.memory.text()] for key, one in batch]
    packed = zlib.compress(json.dumps([_VERSION, rows], separators=(",", ":")).encode())
    return base64.b85encode(packed).decode()


def _read(text: str) -> dict[ContainerKey, DigestedDay] | None:
    """None for a note of another version, or of another hand."""
    try:
        version, rows = json.loads(zlib.decompress(base64.b85decode(text)))
        if version != _VERSION:
            return None
        return dict(_row(*row) for row in rows)
    except (ValueError, TypeError, KeyError, struct.error, zlib.error):
        return None


def _row(names: list[str], plain: dict[str, Any], cpu: str, memory: str) -> tuple[ContainerKey, DigestedDay]:
    namespace, kind, workload, container = names
    sketches = read_sketch(cpu), read_sketch(memory)
    oom_at = plain["oom_at"]
    day = UsageDay(
        day=date.fromisoformat(plain["day"]),
        cpu_peak=sketches[0].peak if sketches[0].weight else None,
        memory_peak=sketches[1].peak if sketches[1].weight else None,
        start_cpu_peak=plain["start_cpu_peak"],
        start_memory_peak=plain["start_memory_peak"],
        **{name: Hours(plain[name]) for name in _HOURLY},
        starts=tuple(plain["starts"]),
        oom_kills=plain["oom_kills"],
        oom_at=datetime.fromisoformat(oom_at) if oom_at else None,
        coverage=plain["coverage"],
    )
    key = ContainerKey(namespace=namespace, kind=kind, workload=workload, container=container)
    return key, DigestedDay(day=day, cpu=sketches[0].packed(), memory=sketches[1].packed())


def _plain(day: UsageDay) -> dict[str, Any]:
    """Without what its sketches tell."""
    plain = {one.name: getattr(day, one.name) for one in fields(day) if one.name not in _IN_SKETCHES}
    hours = {name: list(map(_short, plain[name])) for name in _HOURLY}
    return {**plain, **hours, "day": str(day.day), "oom_at": day.oom_at.isoformat() if day.oom_at else None}


def _short(value: float | None) -> float | None:
    """The digits that are kept."""
    return None if value is None else float(f"{value:.7g}")
