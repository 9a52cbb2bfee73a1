"""The lock that only one advisor at a time can hold, as a Lease of the cluster that it runs in.

Nobody's clock is compared with another's: a lease is over when the record has not moved for its length by one's own
watch. Every write names the version that was read: of two who want it at once the server lets one have it.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote

from advisor.clients.deadline import Deadline
from advisor.clients.kubernetes import MovedError, NotAllowedError, NotThereError
from advisor.model.errors import AdvisorError, BadDataError, JournalError
from advisor.ports.clock import Clock

_ATTEMPTS_IN_A_LEASE = 3
"""A question that hangs must end long before the lease does."""
_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


class LeaseApi(Protocol):
    """What the lock asks of an API server, as `KubernetesApi` answers it."""

    def get(self, path: str, deadline: Deadline) -> Mapping[str, Any]: ...

    def replace(self, path: str, document: Mapping[str, Any], deadline: Deadline) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """version: of the whole object. since: when it was first seen like that, by our own watch."""

    version: str
    since: float


class LeaseLock:
    """Implements LeaderLock. The Lease is there already: who may make one of any name could make others' places."""

    def __init__(self, api: LeaseApi, lease: tuple[str, str], holder: str, clock: Clock, lease_seconds: float) -> None:
        """lease: its namespace and name. holder: what no other process calls itself. lease_seconds: silence after
        which a holder has lost it, unless the holder itself asks for longer."""
        namespace, name = lease
        self._api = api
        self._where = f"Lease {namespace}/{name}"
        self._path = (
            f"/apis/coordination.k8s.io/v1/namespaces/{quote(namespace, safe='')}/leases/{quote(name, safe='')}"
        )
        self._holder = holder
        self._clock = clock
        self._seconds = lease_seconds
        self._seen: _Seen | None = None
        self._is_ours = False
        self._holdings = 0

    def hold(self) -> int | None:
        lease = self._read()
        spec = _spec(lease)
        if spec.get("holderIdentity") == self._holder:
            return self._taken(lease, spec, is_new=not self._is_ours)
        self._is_ours = False
        if spec.get("holderIdentity") and not self._is_over(lease, spec):
            return None
        return self._taken(lease, spec, is_new=True)

    def release(self) -> None:
        """At once where the server answers; else it runs out."""
        if not self._is_ours:
            return
        self._is_ours = False
        with suppress(AdvisorError):
            lease = self._read()
            spec = _spec(lease)
            if spec.get("holderIdentity") == self._holder:
                self._write(lease, {**spec, "holderIdentity": ""})

    def _is_over(self, lease: Mapping[str, Any], spec: Mapping[str, Any]) -> bool:
        version, now = str(lease.get("metadata", {}).get("resourceVersion", "")), self._clock.monotonic()
        if self._seen is None or self._seen.version != version:
            self._seen = _Seen(version=version, since=now)
        asked = spec.get("leaseDurationSeconds")
        length = max(self._seconds, float(asked) if isinstance(asked, int) else 0.0)
        return now - self._seen.since > length

    def _taken(self, lease: Mapping[str, Any], spec: Mapping[str, Any], *, is_new: bool) -> int | None:
        """None where somebody was quicker."""
        now = self._clock.now().strftime(_FORMAT)
        wanted = {
            **spec,
            "holderIdentity": self._holder,
            "leaseDurationSeconds": max(1, round(self._seconds)),
            "renewTime": now,
        }
        if is_new:
            transitions = spec.get("leaseTransitions")
            wanted |= {"acquireTime": now, "leaseTransitions": (transitions if isinstance(transitions, int) else 0) + 1}
        if not self._write(lease, wanted):
            self._is_ours = False
            return None
        self._is_ours = True
        self._holdings += is_new
        return self._holdings

    def _read(self) -> Mapping[str, Any]:
        return self._asked(lambda deadline: self._api.get(self._path, deadline))

    def _write(self, lease: Mapping[str, Any], spec: Mapping[str, Any]) -> bool:
        """False where it has moved since it was read."""
        try:
            self._asked(lambda deadline: self._api.replace(self._path, {**lease, "spec": spec}, deadline))
        except MovedError:
            return False
        return True

    def _asked(self, ask: Callable[[Deadline], Mapping[str, Any]]) -> Mapping[str, Any]:
        try:
            return ask(Deadline.after(self._seconds / _ATTEMPTS_IN_A_LEASE))
        except MovedError:
            raise
        except NotThereError as error:
            fix = "it is one of the manifests of k8s/overlays/ha; daemon.lease is its name"
            raise JournalError("is not there", where=self._where, fix=fix) from error
        except NotAllowedError as error:
            fix = "let the account get and update it (k8s/overlays/ha/lease.yaml)"
            raise JournalError(error.what, where=self._where, fix=fix) from error
        except BadDataError as error:
            raise JournalError(error.what, where=self._where, fix=error.fix) from error


def _spec(lease: Mapping[str, Any]) -> Mapping[str, Any]:
    spec = lease.get("spec")
    return spec if isinstance(spec, Mapping) else {}
