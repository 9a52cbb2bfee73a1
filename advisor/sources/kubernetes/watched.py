"""Lists that are kept from look to look: a page by page listing once, then only what has changed.

A server that does not answer costs nothing that was known: the list is as it was, and its age is said.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from advisor.clients.deadline import Deadline
from advisor.clients.kubernetes import KubernetesApi, NotAllowedError, NotThereError
from advisor.clients.kubernetes_watch import Changes, changes_since
from advisor.model.errors import AdvisorError, BadDataError
from advisor.model.kubernetes.kinds import Kind
from advisor.ports.clock import Clock
from advisor.sources.kubernetes.listing import Listed, Read, list_kind
from advisor.sources.kubernetes.objects import Objects, Piece, read_piece

_LONGEST_SECONDS = 900.0
"""What is older says too little of now: three times what a server remembers."""
_MOST_WATCHED = 3
"""Namespaces, each on its own. A watch takes its second whether or not anything happens, and the list of a namespace
less: with more of them, all kinds together would wait for longer than a look may take.
"""


@dataclass(slots=True, kw_only=True)
class _Kept:
    """One list. What was read of each object, by uid: as large as the cluster is, and no larger."""

    version: str
    read_at: datetime
    by_uid: dict[str, Piece | None] = field(default_factory=dict)

    def age_seconds(self, now: datetime) -> float:
        return (now - self.read_at).total_seconds()

    def add(self, document: Mapping[str, Any]) -> None:
        self.by_uid[_uid(document)] = read_piece(document)

    def follow(self, changes: Changes) -> None:
        for change in changes.changes:
            if change.is_gone:
                self.by_uid.pop(_uid(change.document), None)
            else:
                self.add(change.document)
        self.version = changes.version

    def objects(self) -> Objects:
        whole = Objects()
        for piece in filter(None, self.by_uid.values()):
            whole.put(piece)
        return whole


_Follow = Callable[[KubernetesApi, Kind, str, Deadline], _Kept | None]


@dataclass(slots=True)
class WatchedLists:
    """For who looks again and again. A kind is asked for by one thread at a time; threads may ask for several.

    The account may lack the verb watch, or many namespaces be named one by one: then each look lists anew.
    """

    clock: Clock
    _kept: dict[Kind, dict[str, _Kept]] = field(default_factory=dict, init=False)
    _unwatchable: set[Kind] = field(default_factory=set, init=False)

    def list_kind(self, api: KubernetesApi, kind: Kind, namespaces: Sequence[str], deadline: Deadline) -> Listed:
        """As the function of that name, with what is older than now where that cannot be had."""
        lists, now = self._kept.setdefault(kind, {}), self.clock.now()
        for namespace in [name for name, kept in lists.items() if kept.age_seconds(now) > _LONGEST_SECONDS]:
            del lists[namespace]  # too old, or of a namespace that has gone
        follow = self._followed if len(namespaces) <= _MOST_WATCHED else _not_followed
        return list_kind(api, kind, namespaces, deadline, read=partial(self._read, follow))

    def _read(self, follow: _Follow, api: KubernetesApi, kind: Kind, namespace: str, deadline: Deadline) -> Read:
        lists, now = self._kept[kind], self.clock.now()
        try:
            kept = follow(api, kind, namespace, deadline) or _listed(api, kind, namespace, deadline, now)
        except AdvisorError as error:
            if isinstance(error, NotAllowedError | NotThereError):  # who may not read it is shown nothing of it
                lists.pop(namespace, None)
            old = lists.get(namespace)
            if old is None:
                return Read(objects=Objects(), fault=error)
            return Read(objects=old.objects(), age_seconds=old.age_seconds(now), why_old=error)
        kept.read_at = now
        lists[namespace] = kept
        return Read(objects=kept.objects())

    def _followed(self, api: KubernetesApi, kind: Kind, namespace: str, deadline: Deadline) -> _Kept | None:
        """The list with what has changed; None where it has to be read anew."""
        kept = self._kept[kind].get(namespace)
        if kept is None or not kept.version or kind in self._unwatchable:
            return None
        try:
            kept.follow(changes_since(api, kind.path(namespace), kept.version, deadline))
        except NotAllowedError:
            self._unwatchable.add(kind)
            return None
        except BadDataError:  # the server has forgotten that version, or an answer is garbled or too large
            return None
        return kept


def _not_followed(*_: object) -> None:
    """Every list is read anew."""


def _listed(api: KubernetesApi, kind: Kind, namespace: str, deadline: Deadline, now: datetime) -> _Kept:
    kept = _Kept(version="", read_at=now)
    for page in api.pages(kind.path(namespace), deadline):
        if page.begins:
            kept = _Kept(version=page.version, read_at=now)
        for document in page.objects:
            kept.add(document)
    return kept


def _uid(document: Mapping[str, Any]) -> str:
    metadata = document.get("metadata")
    named = metadata if isinstance(metadata, dict) else {}
    return str(named.get("uid") or f"{named.get('namespace')}/{named.get('name')}")
