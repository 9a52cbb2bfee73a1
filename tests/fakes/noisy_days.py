"""Days of a shop in which nothing is changed: load and latency have a day, and noise that outlives a scrape."""

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import repeat

from tests.fakes.recording import Recording

_LABELS = 'job="shop",method="GET",route="/"'
_BUCKETS = (0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1.0, 2.0)
_DAY_SECONDS = 86_400.0
_LOAD, _LATENCY_SECONDS, _ERROR_RATIO = 50.0, 0.2, 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class NoisyDays:
    """Latencies are exponential with a p95 of 0.2 s at the mean. amplitude: of the day in it, a share.

    noise: its deviation as a share of the mean. phi: how much of a scrape's noise the next one, after
    `scrape_seconds`, still has.
    """

    days: float
    noise: float = 0.2
    phi: float = 0.8
    amplitude: float = 0.3
    scrape_seconds: float = 30.0
    seed: int = 7

    def record(self, start: datetime) -> Recording:
        recording, source = Recording(), random.Random(self.seed)
        wave, served, failed, within = 0.0, 0.0, 0.0, [0.0] * len(_BUCKETS)
        for number in range(int(self.days * _DAY_SECONDS / self.scrape_seconds) + 1):
            second = number * self.scrape_seconds
            wave = self.phi * wave + math.sqrt(1 - self.phi**2) * source.gauss(0, self.noise)
            day = 1 + self.amplitude * math.sin(2 * math.pi * second / _DAY_SECONDS)
            done = self.scrape_seconds * _LOAD * day
            served, failed = served + done, failed + done * _ERROR_RATIO
            p95 = _LATENCY_SECONDS * day * math.exp(wave)
            # Exponential: 95% lie below p95, so a share of 1 - 0.05^(b / p95) lies below b.
            within = [w + done * (1 - 0.05 ** (b / p95)) for w, b in zip(within, _BUCKETS, strict=True)]
            at = (start + timedelta(seconds=second)).timestamp()
            _scrape(recording, at, served, failed, within)
        return recording


def _scrape(recording: Recording, at: float, served: float, failed: float, within: Iterable[float]) -> None:
    recording.add("http_requests_total", f'{_LABELS},status="200"', at, served - failed)
    recording.add("http_requests_total", f'{_LABELS},status="500"', at, failed)
    for bound, count in (*zip(_BUCKETS, within, strict=False), *zip(("+Inf",), repeat(served), strict=False)):
        recording.add("http_request_duration_seconds_bucket", f'{_LABELS},le="{bound}"', at, count)
