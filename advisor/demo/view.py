"""What the demo shows while it runs, always on stderr: each step as a line that stays; on a terminal also, below them,
the change in flight and the callers' latencies, redrawn in place."""

import sys
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from advisor.model.change import ChangeRecord, Phase, State
from advisor.model.proposal import Proposal
from advisor.model.units import format_duration
from advisor.surfaces.documents.quantity import setting

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
    """Prints lines and, on a terminal, keeps the page of numbers beneath them up to date."""

    console: Console = field(default_factory=lambda: Console(file=sys.stderr, highlight=False))
    _latency: dict[str, deque[float]] = field(default_factory=dict)
    _stage: str = "starting"
    _live: Live | None = None

    def __enter__(self) -> "DemoView":
        if self.console.is_terminal:
            self._live = Live(self._page(), console=self.console, refresh_per_second=4, transient=True)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def say(self, line: str) -> None:
        """One line of what just happened."""
        self.console.print(Text(line), soft_wrap=not self.console.is_terminal)

    def ask(self, question: str) -> str:
        """What a person answers; the page of numbers stands aside meanwhile. "" at the end of input."""
        if self._live is not None:
            self._live.stop()
        try:
            return self.console.input(question, markup=False)
        except EOFError:
            return ""
        finally:
            if self._live is not None:
                self._live.start()

    def follow(self, open_change: ChangeRecord | None, latencies: Mapping[str, float]) -> None:
        """The change in flight and the callers' mean latency by route, in seconds."""
        self._stage = _stage(open_change)
        for route, seconds in latencies.items():
            self._latency.setdefault(route, deque(maxlen=_HISTORY)).append(seconds)
        if self._live is not None:
            self._live.update(self._page())

    def _page(self) -> Group:
        table = Table.grid(padding=(0, 2))
        for route, values in self._latency.items():
            table.add_row(route, Text(sparkline(list(values)), style="cyan"), format_duration(values[-1]))
        return Group(Text(), Text(self._stage, style="bold", no_wrap=True, overflow="ellipsis"), table)


def _stage(record: ChangeRecord | None) -> str:
    if record is None:
        return "looking for the bottleneck that costs most"
    return f"{record.state}: {describe_change(record.proposal)}"


def describe_change(proposal: Proposal) -> str:
    """The change in a few words: "db.pool_size 4 connections -> 9 connections"."""
    target = proposal.target.as_dict()
    old, new = (setting(value, proposal.unit, target) for value in (proposal.current, proposal.proposed))
    return f"{proposal.target.knob} {old} -> {new}"


def describe_step(record: ChangeRecord, phase: Phase, since: datetime) -> str:
    """One line for one step of a change. The first says what is changed, the others the knob only."""
    clock = format_duration(max(0.0, (phase.at - since).total_seconds()))
    is_first = phase.state is State.PROPOSED
    what = describe_change(record.proposal) if is_first else record.proposal.target.knob
    return f"[{clock:>6}] {phase.state.value:<12} {what}: {phase.reason}"
