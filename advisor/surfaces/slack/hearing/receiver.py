"""A request at Slack's address, from its raw bytes to the answer."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import structlog

from advisor.model.errors import JournalError
from advisor.surfaces.slack.hearing.interactions import Answer, Interactions
from advisor.surfaces.slack.hearing.payload import Payload, read_payload
from advisor.surfaces.slack.hearing.replies import UntoldError
from advisor.surfaces.slack.hearing.signature import Refusal, SignatureCheck

log = structlog.get_logger()

_STATUS = {Refusal.MISSING: 401, Refusal.BAD: 401, Refusal.OLD: 401, Refusal.REPLAYED: 409}
_FIELDS = 20
"""Slack sends one field, or a few."""
_LONGEST_CHALLENGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One request as it came."""

    body: bytes
    content_type: str
    moment: str | None
    signature: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """text: of the body, where `answer` is none."""

    status: int = 200
    answer: Answer = None
    text: str = ""


class Receiver:
    """Nothing of a request is believed before its signature was checked."""

    def __init__(self, check: SignatureCheck, interactions: Interactions, count: Callable[[str], None]) -> None:
        self._check = check
        self._interactions = interactions
        self._count = count

    def receive(self, delivery: Delivery) -> Response:
        """Takes less than a second."""
        try:
            return self._received(delivery)
        except UntoldError as error:
            log.warning("slack_interaction_untold", error=str(error))
            return Response(status=503, text="nothing was decided: too many wait, or the advisor stops")

    def _received(self, delivery: Delivery) -> Response:
        """Raises UntoldError."""
        fields = _fields(delivery)
        if fields.get("ssl_check") == "1":
            return Response()  # a look at the certificate, which may come unsigned; nothing else of it is read
        try:
            refusal = self._check.refusal(delivery.body, delivery.moment, delivery.signature)
        except JournalError as error:
            log.warning("slack_signature_not_noted", error=str(error))
            payload = read_payload(fields.get("payload", ""))
            return Response(answer=self._interactions.unreachable(payload)) if payload else _malformed()
        if refusal is not None:
            log.warning("slack_request_refused", reason=refusal.value)
            self._count(refusal.value)
            return Response(status=_STATUS[refusal], text=f"the signature is {refusal.value}")
        challenge = _challenge(delivery)
        if challenge is not None:
            return Response(text=challenge)
        return self._read(read_payload(fields.get("payload", "")))

    def _read(self, payload: Payload | None) -> Response:
        if payload is None:
            self._count("malformed")
            return _malformed()
        return Response(answer=self._interactions.handle(payload))


def _malformed() -> Response:
    return Response(status=400, text="no interaction that can be read")


def _fields(delivery: Delivery) -> Mapping[str, str]:
    """Of a form; of anything else there are none. Of a field that comes twice the last counts."""
    if not delivery.content_type.startswith("application/x-www-form-urlencoded"):
        return {}
    try:
        text = delivery.body.decode("utf-8")
        return {name: values[-1] for name, values in parse_qs(text, max_num_fields=_FIELDS, errors="strict").items()}
    except ValueError:
        return {}


def _challenge(delivery: Delivery) -> str | None:
    """What Slack wants to see again when somebody enters the address."""
    if not delivery.content_type.startswith("application/json"):
        return None
    try:
        said: Any = json.loads(delivery.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or said.get("type") != "url_verification":
        return None
    challenge = said.get("challenge")
    is_plain = isinstance(challenge, str) and challenge.isascii() and challenge.isprintable()
    return challenge[:_LONGEST_CHALLENGE] if is_plain and isinstance(challenge, str) else None
