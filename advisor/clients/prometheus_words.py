"""What a Prometheus, a server that speaks like one, or a gateway before it says in its own words. Pure."""

import json
from collections.abc import Mapping
from typing import Any

_REASONS = ("error", "message", "Message")
"""`error` is Prometheus' own; gateways and clouds write the others."""
_INFORMATION = "PromQL info: "
"""Prometheus 2.53 sends its information among the warnings; from 3 on it has a place of its own, `infos`."""
_IS_PARTIAL = "the server says that it is partial"
"""VictoriaMetrics' cluster sets `isPartial` where a storage node did not answer, and sends no warning."""
KINDS: Mapping[str, str] = {"query": "vector", "query_range": "matrix"}
"""The kind of an empty answer whose kind is not told, by the endpoint that was asked."""


def warnings_of(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Why the answer may lack something; information is no such reason."""
    sent = document.get("warnings") or []
    texts = [str(text) for text in (sent if isinstance(sent, list) else [sent])]
    if document.get("isPartial") is True:
        texts.append(_IS_PARTIAL)
    return tuple(text for text in texts if not text.startswith(_INFORMATION))


def reason_of(document: Mapping[str, Any]) -> str:
    """Why a query was refused, "" where nothing is said."""
    return next((str(document[name]) for name in _REASONS if document.get(name)), "")


def reason_in(body: bytes) -> str:
    """The same of an answer of any form: JSON, or a line of plain text. A page of HTML says nothing."""
    text = body.decode(errors="replace").strip()
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return "" if text.startswith("<") or "\0" in text else " ".join(text.split())
    return reason_of(document) if isinstance(document, dict) else ""
