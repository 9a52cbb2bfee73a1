"""The doctor on clocks: a server's beside ours. Windows of queries end now, so a clock that is off loses data."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from advisor.model.check import CheckLine, ok, warning
from advisor.model.errors import AdvisorError
from advisor.model.units import format_duration
from advisor.ports.clock import Clock

_NOTED_SECONDS = 5.0
"""A third of the shortest usual scrape interval; clocks that are kept by NTP differ by milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerTime:
    """What a server says the time is, as exact as it says it: between both."""

    earliest: datetime
    latest: datetime


def check_clock(name: str, ask: Callable[[], ServerTime | None], clock: Clock) -> CheckLine | None:
    """One line; None where the server does not say the time.

    While the answer is under way the server's clock goes on: only what that cannot explain is a difference.
    """
    before = clock.now()
    try:
        said = ask()
    except AdvisorError as error:
        return ok(f"{name} clock", f"not known: {error.what}")
    after = clock.now()
    if said is None:
        return None
    ahead = (said.earliest - after).total_seconds()
    behind = (before - said.latest).total_seconds()
    off, way = (ahead, "ahead of") if ahead > behind else (behind, "behind")
    if off <= _NOTED_SECONDS:
        return ok(f"{name} clock", "agrees with ours")
    told = f"is {format_duration(off)} {way} ours: the newest data is looked for at the wrong time"
    return warning(f"{name} clock", told, "let NTP set both (`timedatectl` shows whether it does)")
