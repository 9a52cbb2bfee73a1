"""Usage is looked at every so often, and after a look that failed not in every cycle."""

from datetime import datetime

import pytest

from advisor.model.errors import SourceUnavailableError
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.usage import ClusterUsage
from advisor.sources.kubernetes_usage.reader import Seen, UsageReader
from advisor.testing.clock import FakeClock


class Looks:
    """Each fails while `is_away`."""

    def __init__(self) -> None:
        self.count = 0
        self.is_away = False

    def __call__(self, now: datetime, state: ClusterState | None) -> Seen:
        self.count += 1
        if self.is_away:
            raise SourceUnavailableError("is away")
        return ClusterUsage(taken_at=now), None


def test_in_between_it_is_what_the_last_look_saw() -> None:
    looks, clock = Looks(), FakeClock()
    reader = UsageReader(looks, 900, clock)
    first = reader.read(None)
    clock.advance(899)
    assert (reader.read(None), looks.count) == (first, 1)
    clock.advance(1)
    assert reader.read(None)[0].taken_at == clock.now()


def test_what_is_away_is_asked_again_after_a_minute() -> None:
    looks, clock = Looks(), FakeClock()
    looks.is_away = True
    reader = UsageReader(looks, 900, clock)
    for _ in range(4):  # cycles of 15 s
        with pytest.raises(SourceUnavailableError, match="is away"):
            reader.read(None)
        clock.advance(15)
    assert looks.count == 1
    looks.is_away = False
    assert reader.read(None)[0].taken_at == clock.now()
