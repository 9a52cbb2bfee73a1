"""Hours of a shop's metrics as OpenMetrics, to be imported into a Prometheus."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

SCRAPE_SECONDS = 30
_WAIT_BUCKETS = (0.001, 0.01, 0.1, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What the shop's one process shows; rates are per second. wait_seconds: of every single check-out."""

    pool_size: int = 5
    requests: float = 10.0
    hold_seconds: float = 0.1
    wait_seconds: float = 0.0

    @property
    def checked_out(self) -> float:
        """By Little's law, no more than there are."""
        return min(self.pool_size, self.requests * self.hold_seconds)


@dataclass(slots=True)
class Recording:
    """Series by name and labels, each a list of (time, value) pairs."""

    series: dict[str, dict[str, list[tuple[float, float]]]] = field(default_factory=dict)

    def add(self, name: str, labels: str, at: float, value: float) -> None:
        self.series.setdefault(name, {}).setdefault(labels, []).append((at, value))

    def write(self, path: Path) -> Path:
        path.write_text("\n".join(self._lines()) + "\n# EOF\n")
        return path

    def _lines(self) -> Iterator[str]:
        for name, by_labels in self.series.items():
            yield f"# TYPE {name} unknown"
            for labels, points in by_labels.items():
                yield from (f"{name}{{{labels}}} {value:.10g} {at:.3f}" for at, value in points)


def record_shop(start: datetime, seconds: float, moment_at: Callable[[float], Moment | None]) -> Recording:
    """A scrape every 30 s from `start` on; `moment_at` takes seconds since the start, None for a scrape that failed."""
    recording, sums = Recording(), dict.fromkeys(("checkouts", "waited", "held", "requests"), 0.0)
    within = dict.fromkeys(_WAIT_BUCKETS, 0.0)
    for number in range(int(seconds // SCRAPE_SECONDS) + 1):
        moment = moment_at(number * SCRAPE_SECONDS)
        if moment is None:
            continue
        done = moment.requests * SCRAPE_SECONDS
        sums["checkouts"] += done
        sums["requests"] += done
        sums["waited"] += done * moment.wait_seconds
        sums["held"] += done * moment.hold_seconds
        for bound in _WAIT_BUCKETS:
            within[bound] += done if moment.wait_seconds <= bound else 0.0
        _scrape(recording, (start + timedelta(seconds=number * SCRAPE_SECONDS)).timestamp(), moment, sums, within)
    return recording


def _scrape(
    recording: Recording, at: float, moment: Moment, sums: dict[str, float], within: dict[float, float]
) -> None:
    own = 'app="shop",instance="shop:1",pid="7"'
    gauges = {"size": moment.pool_size, "max_overflow": 0, "timeout_seconds": 30, "checked_out": moment.checked_out}
    for name, value in gauges.items():
        recording.add(f"advisor_agent_pool_{name}", own, at, value)
    recording.add("advisor_agent_knob_value", f'{own},knob="db.pool_size"', at, moment.pool_size)
    recording.add("advisor_agent_pool_checkouts_total", own, at, sums["checkouts"])
    recording.add("advisor_agent_pool_timeouts_total", own, at, 0)
    for name, total in (("wait", sums["waited"]), ("hold", sums["held"])):
        recording.add(f"advisor_agent_pool_{name}_seconds_sum", own, at, total)
        recording.add(f"advisor_agent_pool_{name}_seconds_count", own, at, sums["checkouts"])
    for bound, count in within.items():
        recording.add("advisor_agent_pool_wait_seconds_bucket", f'{own},le="{bound:g}"', at, count)
    recording.add("advisor_agent_pool_wait_seconds_bucket", f'{own},le="+Inf"', at, sums["checkouts"])
    recording.add("http_requests_total", 'job="shop",status="200"', at, sums["requests"])
    recording.add("pg_settings_max_connections", 'job="postgres"', at, 100)
    recording.add("pg_stat_activity_count", 'datname="shop",job="postgres",state="active"', at, moment.pool_size)
