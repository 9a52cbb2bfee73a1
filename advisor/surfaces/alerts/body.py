"""The body of a notification, read: Alertmanager's version "4", and Grafana's "1", which is told apart by its orgId."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError, field_validator
from pydantic_core import from_json

from advisor.model.alert import Alert, AlertGroup, AlertKind, AlertStatus, RefusedAlert, Sender
from advisor.model.errors import PermanentError
from advisor.surfaces.alerts.labels import ASKED
from advisor.surfaces.alerts.text import one_line, visible
from advisor.surfaces.alerts.times import moment

_MOST_LABELS = 64
_MOST_ANNOTATIONS = 16
_MOST_NAME = 200
_MOST_VALUE = 500
_MOST_EXPRESSION = 4_000
_MOST_NUMBER = 1e300
_NO_DATA = {"DatasourceNoData": AlertKind.NO_DATA, "DatasourceError": AlertKind.QUERY_ERROR}
"""What Grafana calls an alert whose rule it could not judge; the rule's own name is in the label `rulename`."""
_VERSIONS = 'Alertmanager\'s "4" and Grafana\'s "1" are understood'


class BodyError(PermanentError):
    """The body is no notification that can be understood. It will not come again: senders do not repeat it."""


def _count(value: object) -> int:
    """As JSON has it: 5.0 is whole, true is no number. What is no count is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        return 0
    return int(value)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _label(value: object) -> object:
    """Senders that are no Go program write numbers as numbers."""
    return json.dumps(value) if isinstance(value, bool | int | float) else value


def _only_texts(value: object) -> dict[str, str]:
    """Those of a mapping that are texts: an annotation is no reason to lose an alert."""
    return {key: one for key, one in value.items() if isinstance(one, str)} if isinstance(value, dict) else {}


def _only_numbers(value: object) -> dict[str, float]:
    given = value.items() if isinstance(value, dict) else ()
    numbers = {key: one for key, one in given if isinstance(one, int | float) and not isinstance(one, bool)}
    return {key: float(one) for key, one in numbers.items() if -_MOST_NUMBER < one < _MOST_NUMBER}


Count = Annotated[int, BeforeValidator(_count)]
Text = Annotated[str, BeforeValidator(_text)]
Label = Annotated[str, BeforeValidator(_label)]


class _Group(BaseModel):
    """The envelope. Fields that a later version adds are of no concern, and one that is odd costs no alert."""

    model_config = ConfigDict(extra="ignore")

    version: str
    alerts: list[object]
    group_key: Text = Field("", alias="groupKey")
    receiver: Text = ""
    truncated: Count = Field(0, alias="truncatedAlerts")
    org_id: object = Field(None, alias="orgId")


class _Alert(BaseModel):
    """One alert as it is sent; null stands for nothing, and so does what is odd and could be done without."""

    model_config = ConfigDict(extra="ignore")

    status: AlertStatus
    labels: dict[str, Label]
    annotations: Annotated[dict[str, str], BeforeValidator(_only_texts)] = {}
    starts_at: datetime | None = Field(None, alias="startsAt")
    ends_at: datetime | None = Field(None, alias="endsAt")
    generator_url: Text = Field("", alias="generatorURL")
    fingerprint: Text = ""
    values: Annotated[dict[str, float], BeforeValidator(_only_numbers)] = {}

    @field_validator("starts_at", "ends_at", mode="plain")
    @classmethod
    def _read_time(cls, value: object) -> datetime | None:
        if value is None:
            return None
        if not isinstance(value, str):
            raise ValueError("an RFC 3339 time is expected")
        return moment(value)


_ALERT = TypeAdapter(_Alert)


def read_group(raw: bytes) -> AlertGroup:
    """The notification in `raw`; an alert that cannot be read is refused alone.

    Raises BodyError for what is no JSON, another version, and alerts that are no list.
    """
    envelope = _envelope(raw)
    sender = _sender(envelope)
    alerts: list[Alert] = []
    refused: list[RefusedAlert] = []
    for index, item in enumerate(envelope.alerts):
        try:
            alerts.append(_alert(_ALERT.validate_python(item), envelope.group_key))
        except ValidationError as error:
            refused.append(RefusedAlert(index=index, reason="; ".join(_faults(error))))
    return AlertGroup(
        sender=sender,
        receiver=visible(envelope.receiver, _MOST_NAME),
        alerts=tuple(alerts),
        refused=tuple(refused),
        not_sent=envelope.truncated,
    )


def _envelope(raw: bytes) -> _Group:
    try:
        document = from_json(raw)
    except ValueError as error:
        raise BodyError(f"the body is no JSON: {error}", fix="send a webhook of Alertmanager or Grafana") from None
    if isinstance(document, list):
        fix = "name this address in a webhook of Alertmanager or Grafana, not as an Alertmanager"
        raise BodyError("an array of alerts is what is sent to an Alertmanager", fix=fix)
    if not isinstance(document, dict):
        raise BodyError("the body is no JSON object", fix="send a webhook of Alertmanager or Grafana")
    if "evalMatches" in document:
        fix = "move to Grafana's unified alerting, and to a webhook of its contact points"
        raise BodyError("it is of Grafana's former alerting, which names no single alerts", fix=fix)
    version = document.get("version")
    if not isinstance(version, str):
        raise BodyError("no text says which version it is", where="version", fix=_VERSIONS)
    if version not in ("1", "4"):
        raise BodyError(f"version {visible(version, 20)!r} is not understood", where="version", fix=_VERSIONS)
    if not isinstance(document.get("alerts"), list):
        raise BodyError("a list is expected", where="alerts", fix="send the alerts as a JSON array")
    try:
        return _Group.model_validate(document)
    except ValidationError as error:
        raise BodyError("; ".join(_faults(error)), fix=_VERSIONS) from None


def _sender(envelope: _Group) -> Sender:
    """Alertmanager knows no organisation; of Grafana each has a number."""
    if envelope.org_id is not None:
        return Sender.GRAFANA
    if envelope.version == "4":
        return Sender.ALERTMANAGER
    raise BodyError('version "1" without an orgId is not Grafana\'s', where="version", fix=_VERSIONS)


def _faults(error: ValidationError) -> Iterator[str]:
    """Where and what, without what was sent: that may be anybody's text."""
    for fault in error.errors(include_url=False, include_input=False, include_context=False)[:3]:
        place = ".".join(visible(str(part), 50) for part in fault["loc"])
        what = visible(fault["msg"].removeprefix("Value error, "), 200)
        yield f"{place}: {what}" if place else what


def _alert(sent: _Alert, group_key: str) -> Alert:
    kind = _NO_DATA.get(sent.labels.get("alertname", ""), AlertKind.THRESHOLD)
    name = sent.labels.get("alertname", "") if kind is AlertKind.THRESHOLD else sent.labels.get("rulename", "")
    kept = sorted(sent.labels.items(), key=lambda one: (one[0] not in ASKED, one[0]))[:_MOST_LABELS]
    other = AlertStatus.RESOLVED if sent.status is AlertStatus.FIRING else AlertStatus.FIRING
    return Alert(
        key=_key(sent, group_key, sent.status),
        undoes=_key(sent, group_key, other) if sent.starts_at is None else "",
        status=sent.status,
        kind=kind,
        name=visible(name, _MOST_NAME) or "an alert without a name",
        labels=_visible(sorted(kept)),
        annotations=tuple(
            (visible(key, _MOST_NAME), one_line(text, _MOST_VALUE))
            for key, text in sorted(sent.annotations.items())[:_MOST_ANNOTATIONS]
            if text.strip()
        ),
        starts_at=sent.starts_at,
        ends_at=sent.ends_at if sent.status is AlertStatus.RESOLVED else None,
        expression=_expression(sent.generator_url),
        values=tuple((visible(key, _MOST_NAME), value) for key, value in sorted(sent.values.items())[:_MOST_LABELS]),
        left_out=len(sent.labels) - len(kept),
    )


def _visible(labels: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((visible(name, _MOST_NAME), visible(value, _MOST_VALUE)) for name, value in labels)


def _key(sent: _Alert, group_key: str, status: AlertStatus) -> str:
    """The labels are in it too: fingerprints of others are not to be relied on."""
    start = sent.starts_at.isoformat() if sent.starts_at is not None else ""
    parts = [group_key, sent.fingerprint, start, status.value, *sorted(sent.labels.items())]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def _expression(generator_url: str) -> str:
    """What Prometheus' graph page would show: the query `g0.expr`."""
    if len(generator_url) > 4 * _MOST_EXPRESSION or "g0.expr" not in generator_url:
        return ""
    try:
        found = parse_qs(urlsplit(generator_url).query, max_num_fields=50).get("g0.expr", [""])[0]
    except ValueError:
        return ""
    return one_line(found, _MOST_EXPRESSION) if len(found) <= _MOST_EXPRESSION else ""
