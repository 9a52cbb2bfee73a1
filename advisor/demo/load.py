"""An open-loop load generator, seen from outside: `python -m advisor.demo.load --url URL --out FILE`.

Requests are sent when they are due, whether earlier ones were answered or not, and a latency counts from the intended
time of sending: a server that stalls cannot hide its stall by slowing the generator down (coordinated omission).

With `--amplitude 0.4 --period-seconds 60` the load has a day of a minute: up to 40% above its mean, and 40% below it.
"""

import argparse
import asyncio
import itertools
import json
import math
import random
import sys
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import aiohttp

from advisor.demo.outcome import Seen

_MOST_IN_FLIGHT = 500
_TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One kind of request. subjects: how many ids there are; the n-th is asked for in proportion to 1/n."""

    name: str
    method: str
    path: str
    per_second: float
    subjects: int


ROUTES = (
    Route(name="messages", method="GET", path="/conversations/{}/messages", per_second=8, subjects=2000),
    Route(name="replies", method="POST", path="/conversations/{}/replies", per_second=40, subjects=2000),
    Route(name="dashboard", method="GET", path="/users/{}/dashboard", per_second=25, subjects=150),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A request to send `after_seconds` from the start."""

    after_seconds: float
    route: Route
    subject: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """A load that rises and falls as a sine, at first from its mean upwards. amplitude: 0 to 1, a share of the mean."""

    amplitude: float
    period_seconds: float

    def share_of_peak(self, seconds: float) -> float:
        """The load `seconds` after the start, over the highest: in (0, 1]."""
        wave = math.sin(2 * math.pi * seconds / self.period_seconds)
        return (1 + self.amplitude * wave) / (1 + self.amplitude)


STEADY = Cycle(amplitude=0.0, period_seconds=math.inf)


def plan(routes: Sequence[Route], seed: int, cycle: Cycle = STEADY) -> Iterator[Due]:
    """An endless plan, the same for the same seed: random arrivals (Poisson), popular subjects more often (Zipf).

    With a cycle, arrivals at the rate of its peak are thinned out (Lewis and Shedler 1979).
    """
    source = random.Random(seed)  # noqa: S311
    weights = {route: list(itertools.accumulate(1 / rank for rank in range(1, route.subjects + 1))) for route in routes}
    highest = sum(route.per_second for route in routes) * (1 + cycle.amplitude)
    now = 0.0
    while True:
        now += source.expovariate(highest)
        if cycle.amplitude and source.random() >= cycle.share_of_peak(now):
            continue
        route = source.choices(routes, weights=[route.per_second for route in routes])[0]
        ranks = weights[route]
        yield Due(after_seconds=now, route=route, subject=1 + bisect_left(ranks, source.random() * ranks[-1]))


class Recorder:
    """Collects results and writes one line for each second and route."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._second: dict[str, list[tuple[float, bool]]] = defaultdict(list)

    def add(self, route: str, seconds: float, *, failed: bool) -> None:
        self._second[route].append((seconds, failed))

    def flush(self) -> None:
        """Write what was collected since the last call."""
        collected, self._second = self._second, defaultdict(list)
        with self._path.open("a", encoding="utf-8") as file:
            for route, results in collected.items():
                line = {
                    "at": time.time(),
                    "route": route,
                    "errors": sum(failed for _, failed in results),
                    "milliseconds": [round(seconds * 1000, 2) for seconds, _ in results],
                }
                file.write(json.dumps(line) + "\n")


async def generate(urls: Sequence[str], recorder: Recorder, requests: Iterator[Due], duration_seconds: float) -> None:
    """Send until `duration_seconds` have passed; what cannot be sent for too many in flight counts as failed.

    urls: the instances of the application; they are asked in turn, as by a load balancer.
    """
    instances = itertools.cycle(urls)
    loop = asyncio.get_running_loop()
    started = loop.time()
    in_flight: set[asyncio.Task[None]] = set()
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0)) as session:
        writer = asyncio.create_task(_flush_each_second(recorder))
        for due in requests:
            if due.after_seconds > duration_seconds:
                break
            intended = started + due.after_seconds
            await asyncio.sleep(max(0.0, intended - loop.time()))
            if len(in_flight) >= _MOST_IN_FLIGHT:
                recorder.add(due.route.name, _TIMEOUT_SECONDS, failed=True)
                continue
            task = asyncio.create_task(_send(session, next(instances), due, intended, recorder))
            in_flight.add(task)
            task.add_done_callback(in_flight.discard)
        await asyncio.gather(*in_flight)
        writer.cancel()
    recorder.flush()


async def _send(session: aiohttp.ClientSession, url: str, due: Due, intended: float, recorder: Recorder) -> None:
    failed = False
    try:
        async with session.request(due.route.method, url + due.route.path.format(due.subject)) as response:
            await response.read()
            failed = response.status >= 500
    except (aiohttp.ClientError, TimeoutError):
        failed = True
    recorder.add(due.route.name, asyncio.get_running_loop().time() - intended, failed=failed)


async def _flush_each_second(recorder: Recorder) -> None:
    while True:
        await asyncio.sleep(1)
        recorder.flush()


def read_window(path: Path, route: str, start: datetime, end: datetime) -> Seen | None:
    """What callers of `route` saw in [start, end); None when nothing was asked."""
    milliseconds: list[float] = []
    errors = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if entry["route"] == route and start.timestamp() <= entry["at"] < end.timestamp():
            milliseconds += entry["milliseconds"]
            errors += entry["errors"]
    if not milliseconds:
        return None
    ordered = sorted(milliseconds)
    return Seen(
        requests=len(ordered),
        error_ratio=errors / len(ordered),
        mean_seconds=sum(ordered) / len(ordered) / 1000,
        p95_seconds=ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))] / 1000,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Open-loop load for the example application.")
    parser.add_argument("--url", required=True, nargs="+", help="of each instance; they are asked in turn")
    parser.add_argument("--out", type=Path, required=True, help="JSON lines, one for each second and route")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=3600.0)
    parser.add_argument("--amplitude", type=_amplitude, default=0.0, help="of a daily cycle, as a share of the mean")
    parser.add_argument("--period-seconds", type=_positive, default=86_400.0, help="how long such a day is")
    options = parser.parse_args(arguments)
    cycle = Cycle(amplitude=options.amplitude, period_seconds=options.period_seconds)
    asyncio.run(generate(options.url, Recorder(options.out), plan(ROUTES, options.seed, cycle), options.seconds))
    return 0


def _amplitude(text: str) -> float:
    """Raises ValueError, which argparse tells the user."""
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return value


def _positive(text: str) -> float:
    """Raises ValueError, which argparse tells the user."""
    value = float(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


if __name__ == "__main__":
    sys.exit(main())
