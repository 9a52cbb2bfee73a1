"""What the daemon says of itself to probes and to Prometheus."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What the endpoints answer. healthy and ready give "" when all is well, else what is wrong. role: who leads."""

    healthy: Callable[[], str]
    ready: Callable[[], str]
    role: Callable[[], str]
    metrics: Callable[[], bytes]
