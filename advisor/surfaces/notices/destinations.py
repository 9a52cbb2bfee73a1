"""Where notices go, and in which form: a webhook that can be verified, and cards in Microsoft Teams."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import SecretStr

from advisor.clients.http import NoAnswerError, post
from advisor.model.errors import PermanentError, TransientError
from advisor.ports.clock import Clock
from advisor.settings.secret_file import SecretFile

_TIMEOUT_SECONDS = 10.0
_LONGEST_FACT = 1500
_LARGEST_CARD_BYTES = 25_000
"""Teams refuses a message of more than 28 KB."""
_MAY_PASS = frozenset({408, 425, 429})


class Destination(Protocol):
    @property
    def name(self) -> str:
        """Such as "webhook"."""

    def send(self, notice_id: str, document: Mapping[str, Any]) -> None:
        """Deliver a notice's document. Raises TransientError when later may work, PermanentError when it is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedWebhook:
    """JSON, with `Advisor-Timestamp` and `Advisor-Signature: v1=` HMAC-SHA256 over time, a full stop and the body.

    A secret that is rotated counts from the next notice on.
    """

    url: SecretStr
    secret: SecretFile
    clock: Clock
    name: str = "webhook"

    def send(self, notice_id: str, document: Mapping[str, Any]) -> None:
        """Raises ConfigurationError too, where there is no secret to sign with."""
        body = json.dumps({key: value for key, value in document.items() if key != "facts"}).encode()
        seconds = str(int(self.clock.now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "Advisor-Notice": notice_id,
            "Advisor-Timestamp": seconds,
            "Advisor-Signature": f"v1={signature(self.secret.read(), seconds, body)}",
        }
        _deliver(self.name, self.url, body, headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Teams:
    """A workflow's webhook. Cards are read only: nobody can be asked there who may decide."""

    url: SecretStr
    name: str = "teams"

    def send(self, notice_id: str, document: Mapping[str, Any]) -> None:
        facts = [(str(label), str(text)) for label, text in document.get("facts") or ()]
        body = card(str(document["title"]), facts)
        while len(body) > _LARGEST_CARD_BYTES and facts:
            facts.pop()
            body = card(str(document["title"]), facts)
        _deliver(self.name, self.url, body, {"Content-Type": "application/json"})


def signature(secret: str, seconds: str, body: bytes) -> str:
    """Hexadecimal."""
    return hmac.new(secret.encode(), seconds.encode() + b"." + body, hashlib.sha256).hexdigest()


def card(title: str, facts: list[tuple[str, str]]) -> bytes:
    """An Adaptive Card of plain runs of text: unlike a TextBlock's, theirs is never read as Markdown."""
    lines = [_line((title, {"weight": "Bolder", "size": "Medium"}))]
    for label, text in facts:
        lines.append(_line((f"{label}: ", {"weight": "Bolder"}), (text[:_LONGEST_FACT] or "-", {})))
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": lines,
        "msteams": {"width": "Full"},
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": content}
    return json.dumps({"type": "message", "attachments": [attachment]}).encode()


def _line(*runs: tuple[str, dict[str, str]]) -> dict[str, object]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **style} for text, style in runs]}


def _deliver(name: str, url: SecretStr, body: bytes, headers: Mapping[str, str]) -> None:
    try:
        status = post(url.get_secret_value(), body, headers, timeout_seconds=_TIMEOUT_SECONDS)
    except NoAnswerError as error:
        raise TransientError(f"did not answer: {error}", where=f"notify, {name}", fix="is its address right?") from None
    if 200 <= status < 300:
        return
    if status >= 500 or status in _MAY_PASS:
        raise TransientError(f"answered {status}", where=f"notify, {name}", fix="it is tried again")
    raise PermanentError(
        f"refused with {status}", where=f"notify, {name}", fix="check its address, and the secret there"
    )
