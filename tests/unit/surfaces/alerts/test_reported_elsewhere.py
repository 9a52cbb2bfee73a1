"""What was reported of other receivers of the same webhooks: each report's kind of body, and what comes of it here."""

import json

import pytest

from advisor.model.alert import Sender
from advisor.surfaces.alerts.body import BodyError, read_group
from advisor.surfaces.alerts.matching import Kind
from advisor.testing.notebook import InMemoryNotebook
from tests.fakes.alerts import ACounter, a_body, an_alert, an_inbox


def test_values_that_are_null_lose_nothing() -> None:
    """roxy-wi/IncidentRelay, issue 94: every alert of a stock contact point of Grafana was refused."""
    group = read_group(a_body(an_alert(values=None, valueString="", dashboardURL=""), version="1", orgId=1))
    assert (group.sender, len(group.alerts), group.refused) == (Sender.GRAFANA, 1, ())


def test_a_line_break_after_the_body_is_part_of_no_alert() -> None:
    """prometheus/alertmanager, issue 2418: receivers took it for broken JSON."""
    assert len(read_group(a_body(an_alert()) + b"\n\n").alerts) == 1


def test_alerts_without_a_name_cost_the_others_nothing() -> None:
    """alerta/alerta, issue 596: a 500 for the whole group."""
    nameless = {**an_alert(), "labels": {"app": "shop"}}
    group = read_group(a_body(nameless, {**an_alert(), "labels": {}}, an_alert()))
    assert [alert.name for alert in group.alerts] == ["an alert without a name"] * 2 + ["PoolExhaustion"]


def test_another_node_that_fires_again_after_the_end_begins_no_look() -> None:
    """prometheus/alertmanager, issue 2447: the same start, sent once more after it was resolved elsewhere."""
    inbox = an_inbox()
    first, end = read_group(a_body(an_alert())), read_group(a_body(an_alert(status="resolved")))
    receipts = [inbox.take(group) for group in (first, end, first)]
    assert [(one.queued, one.resolved, one.duplicates) for one in receipts] == [(1, 0, 0), (0, 1, 0), (0, 0, 1)]


def test_both_of_a_pair_that_repeat_after_an_outage_of_ours_are_one_look() -> None:
    """prometheus/alertmanager, issue 4108; and erikdarlingdata/PerformanceMonitor, issue 1145: after a restart, too."""
    notebook = InMemoryNotebook()
    inbox = an_inbox(notebook=notebook)
    bodies = [a_body(an_alert(), externalURL=f"http://alertmanager-{number}:9093") for number in range(2)]
    for body in bodies:
        inbox.take(read_group(body))
    pending = inbox.next()
    assert pending is not None
    assert pending.count == 1
    inbox.done(pending)
    reborn = an_inbox(notebook=notebook)
    reborn.sync()
    assert [reborn.take(read_group(body)).duplicates for body in bodies] == [1, 1]


def test_what_changes_while_an_alert_fires_does_not_make_it_another() -> None:
    """keephq/keep, issue 5131: the order of labels, a value in the prose, and which Prometheus has sent it."""
    inbox = an_inbox()
    labels = {"pod": "shop-1", "severity": "page"}
    inbox.take(read_group(a_body(an_alert(labels, annotations={"summary": "at 91%"}, generatorURL="http://p0/graph"))))
    turned = dict(reversed(list(an_alert(labels)["labels"].items())))
    again = an_alert(annotations={"summary": "at 93%"}, generatorURL="http://p1/graph", values={"B": 93})
    assert inbox.take(read_group(a_body({**again, "labels": turned}))).duplicates == 1


def test_the_test_message_of_a_contact_point_is_taken_and_begins_no_look() -> None:
    """schlauerlauer/alertmanager-webhook-signal, issue 5: no receiver, Go's clock in the key."""
    test = an_alert(values=None, valueString="[ metric='foo' labels={instance=bar} value=10 ]")
    test["labels"] = {"alertname": "TestAlert", "instance": "Grafana"}
    key = '{alertname="TestAlert",\ninstance="Grafana"}2026-01-01 12:00:00.9 +0100 CET m=+448423.18'
    inbox = an_inbox()
    receipt = inbox.take(read_group(a_body(test, version="1", orgId=1, receiver="", groupKey=key)))
    assert (receipt.unmatched, inbox.waiting()) == (1, 0)


def test_a_group_of_more_than_a_mebibyte_is_taken() -> None:
    """alerta/docker-alerta, issue 441: a proxy's bound of 1 MiB, and an Alertmanager that does not repeat a 413."""
    body = a_body(*(an_alert({"pod": f"{number}", "filler": "x" * 900}) for number in range(2_000)))
    assert len(body) > 2 << 20
    assert an_inbox().take(read_group(body)).queued == 2_000


def test_grafanas_former_alerting_is_refused_with_what_to_do() -> None:
    """alerta/alerta, issue 1676: it has neither a version nor alerts."""
    former = {"evalMatches": [{"value": 100, "metric": "High value", "tags": None}], "orgId": 0, "state": "alerting"}
    with pytest.raises(BodyError, match="former alerting") as caught:
        read_group(json.dumps(former).encode())
    assert "unified alerting" in caught.value.fix


def test_who_takes_this_for_an_alertmanager_is_told() -> None:
    """grafana/grafana, issue 25808: a contact point of the type Alertmanager posts an array of alerts."""
    with pytest.raises(BodyError, match="sent to an Alertmanager") as caught:
        read_group(json.dumps([{"labels": {"alertname": "Test"}, "startsAt": "2026-01-01T12:00:00Z"}]).encode())
    assert "not as an Alertmanager" in caught.value.fix


def test_quotes_and_line_breaks_in_prose_are_prose() -> None:
    """prometheus-msteams/prometheus-msteams, issue 270."""
    prose = "it's \"inhibited\" by 'info'\n\tsee: C:\\alerts"
    (alert,) = read_group(a_body(an_alert(annotations={"description": prose}))).alerts
    assert alert.annotation("description") == "it's \"inhibited\" by 'info' see: C:\\alerts"


def test_an_organisation_tells_grafana_whatever_its_version() -> None:
    """grafana/grafana, issue 45459: a body with an organisation is never sent again, so it is taken past the bound."""
    inbox = an_inbox(size=1, counter=(counter := ACounter()))
    bodies = (a_body(an_alert({"app": name}), orgId=1) for name in ("one", "two"))
    assert [inbox.take(read_group(body)).queued for body in bodies] == [1, 1]
    assert counter.outcomes["grafana", "queued"] == 2
    pending = inbox.next()
    assert pending is not None
    assert pending.task.kind is Kind.LOOK
