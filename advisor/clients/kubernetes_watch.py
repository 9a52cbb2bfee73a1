"""Asks a Kubernetes API server what has changed in a list: a watch that is short, so that no thread waits on it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from advisor.clients.deadline import Deadline
from advisor.clients.kubernetes import ExpiredError, KubernetesApi, one_line
from advisor.model.errors import BadDataError

_WATCH_SECONDS = 1
"""The server sends at once what has happened since, and ends the watch after the shortest time that it takes."""
_DELETED, _BOOKMARK, _ERROR = "DELETED", "BOOKMARK", "ERROR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An object as it is now, or as it was when it went."""

    document: Mapping[str, Any]
    is_gone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """In the order of their happening. version: the list is known up to here; that of a bookmark where one came."""

    changes: Sequence[Change]
    version: str


def changes_since(api: KubernetesApi, path: str, version: str, deadline: Deadline) -> Changes:
    """What has happened to the list at `path` since `version`.

    Raises ExpiredError where the server knows no more, at once or in the middle; else as `KubernetesApi.get`.
    """
    body, _ = api.fetch(
        path,
        deadline,
        watch="true",
        resource_version=version,
        allow_watch_bookmarks="true",
        timeout_seconds=_WATCH_SECONDS,
    )
    found: list[Change] = []
    for line in body.splitlines():
        if not line.strip():
            continue
        kind, document = _event(line)
        if kind == _ERROR:
            raise _fault(document)
        metadata = document.get("metadata")
        version = str((metadata if isinstance(metadata, dict) else {}).get("resourceVersion") or version)
        if kind != _BOOKMARK:
            found.append(Change(document=document, is_gone=kind == _DELETED))
    return Changes(changes=found, version=version)


def _event(line: bytes) -> tuple[str, Mapping[str, Any]]:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadDataError("the watch was cut short or garbled", where="kubernetes", fix="try again") from error
    document = event.get("object") if isinstance(event, dict) else None
    if not isinstance(document, dict):
        raise BadDataError("the watch has an event that is none", where="kubernetes", fix="is that an API server?")
    return str(event.get("type", "")), document


def _fault(status: Mapping[str, Any]) -> BadDataError:
    said = one_line(str(status.get("message") or "no reason given"))
    if status.get("code") == HTTPStatus.GONE:
        return ExpiredError(f"the watch expired: {said}", where="kubernetes", fix="list again")
    return BadDataError(f"the watch ended: {said}", where="kubernetes", fix="try again")
