"""Two looks some seconds apart: what counters had gathered before, and what happens now."""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace

from advisor.engine.observe import Observer, reachable
from advisor.model.snapshot import Snapshot
from advisor.ports.clock import Clock
from advisor.ports.observing import CountingSource
from advisor.settings.schema import Settings
from advisor.wiring.sources import Sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """seconds: between two looks at what counts since some moment; 0 for one look, whose rates are since then.

    wait: lets that many seconds pass.
    """

    seconds: float = 0.0
    wait: Callable[[float], None] = time.sleep


def observe_twice(settings: Settings, sources: Sources, clock: Clock, looks: Looks) -> tuple[Snapshot | None, Snapshot]:
    """What the counters had gathered before, None without a second look; and what happened since the first one.

    Prometheus remembers by itself, and is asked once. How much is written now is measured, also for what was before.
    """
    window, first = settings.daemon.window_seconds, None
    counting = [slot for slot in sources.slots if isinstance(slot.source, CountingSource)]
    if looks.seconds > 0 and counting:
        with closing(Observer(slots=counting, clock=clock)) as observer:
            first = observer.observe(window)
        if reachable(first.sources):
            looks.wait(looks.seconds)
    with closing(Observer(slots=sources.slots, clock=clock)) as observer:
        now = observer.observe(window)
    if first is None or all(look.is_first_look for look in now.databases.values()):
        return None, now
    before = {
        name: replace(look, current_writes=now.databases[name].write_rates) if name in now.databases else look
        for name, look in first.databases.items()
    }
    return replace(now, databases=before), now
