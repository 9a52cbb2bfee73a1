"""People in front of the double of Slack: what they press arrives at our address as Slack sends it, signed."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.fakes.slack_api import APP, BOT, TEAM, Message, SlackApi

SIGNING_SECRET = "double-of-a-signing-secret"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What our address answered, and how long that took."""

    status: int
    body: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One request as it went over the wire, so that it can be sent again."""

    body: bytes
    headers: Mapping[str, str]


def signed(body: bytes, at: float, secret: str = SIGNING_SECRET, kind: str = FORM) -> Delivery:
    """`body` with the headers that Slack would send with it at that moment, in seconds since 1970."""
    moment = str(int(at))
    digest = hmac.new(secret.encode(), b"v0:" + moment.encode() + b":" + body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": kind, "X-Slack-Request-Timestamp": moment, "X-Slack-Signature": f"v0={digest}"}
    return Delivery(body=body, headers={**headers, "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)"})


def deliver(address: str, delivery: Delivery) -> Answer:
    """Send it to `address`, such as http://127.0.0.1:9595/slack/interactions."""
    place = urlsplit(address)
    connection = HTTPConnection(place.hostname or "", place.port, timeout=10)
    began = time.monotonic()
    try:
        connection.request("POST", place.path, delivery.body, dict(delivery.headers))
        response = connection.getresponse()
        return Answer(status=response.status, body=response.read().decode(), seconds=time.monotonic() - began)
    finally:
        connection.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody in a channel; `address` is the Request URL of our app."""

    slack: SlackApi
    address: str
    id: str = "U0APPROVER"
    name: str = "mara"
    team: str = TEAM
    secret: str = field(default=SIGNING_SECRET, repr=False)

    def press(self, message: Message, action_id: str, *, option: str = "") -> Answer:
        """Press a button of a message, or choose the option whose value is `option`."""
        return self.send(self.pressed(message, action_id, option=option))

    def submit(self, view: Mapping[str, Any], text: str) -> Answer:
        """Fill the only input of a modal and send it."""
        return self.send(self.submitted(view, text))

    def send(self, payload: Mapping[str, Any]) -> Answer:
        return deliver(self.address, self.delivery(payload))

    def delivery(self, payload: Mapping[str, Any]) -> Delivery:
        """The request that carries `payload`, signed now."""
        return signed(urlencode({"payload": json.dumps(payload)}).encode(), self.slack.now(), self.secret)

    def pressed(self, message: Message, action_id: str, *, option: str = "") -> dict[str, Any]:
        """The payload of a press."""
        (button,) = (one for one in message.buttons() if one["action_id"] == action_id)
        (block,) = (one for one in message.blocks if button in one.get("elements", (one.get("accessory"),)))
        action = {"action_id": action_id, "block_id": block.get("block_id", "b1"), "type": button["type"]}
        if option:
            (chosen,) = (one for one in button["options"] if one["value"] == option)
            action["selected_option"] = chosen
        else:
            action["value"] = button.get("value", "")
        shown = {"type": "message", "bot_id": BOT, "ts": message.ts, "text": message.text, "app_id": APP, "team": TEAM}
        container = {"type": "message", "message_ts": message.ts, "channel_id": message.channel}
        return {
            **self._about("block_actions"),
            "container": {**container, "is_ephemeral": bool(message.to)},
            "trigger_id": self.slack.new_trigger(),
            "channel": {"id": message.channel, "name": self.slack.channels[message.channel].name},
            **({} if message.to else {"message": shown}),
            "state": {"values": {}},
            "response_url": self.slack.new_response_url(),
            "actions": [{**action, "action_ts": f"{self.slack.now():.6f}"}],
        }

    def submitted(self, view: Mapping[str, Any], text: str) -> dict[str, Any]:
        """The payload of a modal that is sent."""
        (block,) = (one for one in view["blocks"] if one["type"] == "input")
        filled = {block["block_id"]: {block["element"]["action_id"]: {"type": "plain_text_input", "value": text}}}
        return {
            **self._about("view_submission"),
            "trigger_id": self.slack.new_trigger(),
            "view": {**view, "state": {"values": filled}, "app_installed_team_id": TEAM},
            "response_urls": [],
        }

    def _about(self, kind: str) -> dict[str, Any]:
        return {
            "type": kind,
            "user": {"id": self.id, "username": self.name, "name": self.name, "team_id": self.team},
            "api_app_id": APP,
            "token": "legacy-not-to-be-trusted",
            "team": {"id": TEAM, "domain": "harbour"},
            "enterprise": None,
            "is_enterprise_install": False,
        }
