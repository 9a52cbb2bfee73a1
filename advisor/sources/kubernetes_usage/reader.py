"""The usage of all containers, looked at anew every so often; in between it is what the last look saw."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from advisor.model.errors import AdvisorError
from advisor.model.kubernetes.cluster import ClusterState
from advisor.model.kubernetes.usage import ClusterUsage
from advisor.ports.clock import Clock

_PAUSE_SECONDS = 60.0
"""A look costs a process and many queries: what is away is not asked in every cycle."""
Seen = tuple[ClusterUsage, ClusterState | None]
"""The usage, and the cluster as kube-state-metrics has it where the API's is not known."""
Look = Callable[[datetime, ClusterState | None], Seen]
"""Looks now, beside the cluster as the API has it. Raises BadDataError, SourceUnavailableError."""


@dataclass(slots=True)
class UsageReader:
    """look: such as `UsageLooks`, or `LooksApart` for who runs on."""

    look: Look
    refresh_seconds: float
    clock: Clock
    _latest: Seen | None = field(default=None, init=False)
    _failed: tuple[datetime, AdvisorError] | None = field(default=None, init=False)

    def read(self, state: ClusterState | None) -> Seen:
        """state: of the API, None where there is none. Raises as `look`; and the same for a minute after it failed."""
        now = self.clock.now()
        if self._latest is not None and (now - self._latest[0].taken_at).total_seconds() < self.refresh_seconds:
            return self._latest
        if self._failed is not None and (now - self._failed[0]).total_seconds() < _PAUSE_SECONDS:
            raise self._failed[1].with_traceback(None)
        try:
            self._latest, self._failed = self.look(now, state), None
        except AdvisorError as error:
            self._failed = now, error
            raise
        return self._latest
