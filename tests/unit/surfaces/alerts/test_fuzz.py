"""Whatever comes, it is read or refused: never another exception, never a character that cannot be seen."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from advisor.model.alert import AlertGroup
from advisor.surfaces.alerts.body import BodyError, read_group
from advisor.surfaces.alerts.pending import from_text, to_text
from tests.fakes.alerts import an_inbox

TEXT = some.text(some.characters(codec="utf-8"), max_size=40)
ANYTHING = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | TEXT,
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
TIMES = some.sampled_from(
    ["", "0001-01-01T00:00:00Z", "2026-03-02T08:00:05.123456789Z", "9999-12-31T23:59:59-05:00", "soon"]
)


def or_anything(usual: some.SearchStrategy[Any]) -> some.SearchStrategy[Any]:
    return some.one_of(usual, usual, usual, ANYTHING)


LABELS = some.dictionaries(some.sampled_from(["app", "job", "alertname", "advisor_rule"]) | TEXT, TEXT)
ALERT = some.fixed_dictionaries(
    {"status": or_anything(some.sampled_from(["firing", "resolved"])), "labels": or_anything(LABELS)},
    optional={
        "annotations": or_anything(some.dictionaries(TEXT, TEXT, max_size=4)),
        "startsAt": or_anything(TIMES),
        "endsAt": or_anything(TIMES),
        "generatorURL": or_anything(TEXT.map(lambda text: f"http://p.example/graph?g0.expr={text}")),
        "fingerprint": or_anything(TEXT),
        "values": ANYTHING,
    },
)
BODY = some.fixed_dictionaries(
    {
        "version": or_anything(some.sampled_from(["1", "4"])),
        "alerts": or_anything(some.lists(or_anything(ALERT), max_size=4)),
    },
    optional={"groupKey": or_anything(TEXT), "receiver": ANYTHING, "truncatedAlerts": ANYTHING, "orgId": ANYTHING},
)


def take(raw: bytes) -> None:
    refusal = ""
    try:
        check(read_group(raw))
    except BodyError as error:
        refusal = str(error)
    assert not refusal or refusal.isprintable()


def check(group: AlertGroup) -> None:
    inbox = an_inbox()
    inbox.take(group)
    assert all(refused.reason.isprintable() for refused in group.refused)
    while (pending := inbox.next()) is not None:
        assert from_text(to_text(pending)) == pending
        for alert in pending.alerts:
            assert alert.title.isprintable()
            assert alert.expression.isprintable()
            assert all(text.isprintable() for pair in (*alert.labels, *alert.annotations) for text in pair)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(BODY)
def test_any_notification_is_taken_or_refused(body: dict[str, Any]) -> None:
    take(json.dumps(body).encode())


@settings(max_examples=100, deadline=None)
@given(some.binary(max_size=200))
def test_any_bytes_are_taken_or_refused(raw: bytes) -> None:
    take(raw)


@pytest.mark.parametrize(
    "expression", ["(" * 1_000, "-" * 1_999 + "a", "+".join(["a"] * 900), "{" * 500, 'a{b="' + "\\" * 999, "\x00", "٣"]
)
def test_an_expression_made_to_hurt_costs_nothing(expression: str) -> None:
    alert = {"status": "firing", "labels": {"app": "x"}, "generatorURL": f"http://p.example/graph?g0.expr={expression}"}
    take(json.dumps({"version": "4", "alerts": [alert]}).encode())
