"""What the demo shows while it runs: a live page on a terminal, plain lines elsewhere. Always on stderr."""

import sys
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from advisor.model.change import ChangeRecord, Phase
from advisor.model.units import format_duration

_BARS = "▁▂▃▄▅▆▇█"
_HISTORY = 48


def sparkline(values: list[float]) -> str:
    """`values` as bars, the largest at full height; nothing for no values."""
    if not values:
        return ""
    top = max(values) or 1.0
    return "".join(_BARS[min(len(_BARS) - 1, int(value / top * (len(_BARS) - 1)))] for value in values)


@dataclass(slots=True)
class DemoView:
    """Collects lines and numbers; shows them as the output allows."""

    console: Console = field(default_factory=lambda: Console(file=sys.stderr, highlight=False))
    _lines: deque[str] = field(default_factory=lambda: deque(maxlen=14))
    _latency: dict[str, deque[float]] = field(default_factory=dict)
    _stage: str = ""
    _live: Live | None = None

    def __enter__(self) -> "DemoView":
        if self.console.is_terminal:
            self._live = Live(self._page(), console=self.console, refresh_per_second=4)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.update(self._page())
            self._live.stop()

    def say(self, line: str) -> None:
        """One line of what just happened."""
        self._lines.append(line)
        if self._live is None:
            self.console.print(line, soft_wrap=True, markup=False)
        self._refresh()

    def follow(self, open_change: ChangeRecord | None, latencies: Mapping[str, float]) -> None:
        """The change in flight and the callers' mean latency by route, in seconds."""
        self._stage = _stage(open_change)
        for route, seconds in latencies.items():
            self._latency.setdefault(route, deque(maxlen=_HISTORY)).append(seconds)
        self._refresh()

    def _refresh(self) -> None:
        if self._live is not None:
            self._live.update(self._page())

    def _page(self) -> Group:
        table = Table.grid(padding=(0, 2))
        for route, values in self._latency.items():
            table.add_row(route, Text(sparkline(list(values)), style="cyan"), format_duration(values[-1]))
        return Group(*(Text(line) for line in self._lines), Text(), Text(self._stage, style="bold"), table)


def _stage(record: ChangeRecord | None) -> str:
    if record is None:
        return "looking for the bottleneck that costs most"
    proposal = record.proposal
    return f"{record.state}: {proposal.target} {proposal.current} -> {_short(proposal.proposed)}"


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def describe_step(record: ChangeRecord, phase: Phase, since: datetime) -> str:
    """One line for one step of a change."""
    proposal = record.proposal
    clock = format_duration(max(0.0, (phase.at - since).total_seconds()))
    what = f"{proposal.target}: {proposal.current} -> {_short(proposal.proposed)}"
    return f"[{clock:>6}] {phase.state.value:<12} {what}  ({phase.reason})"
