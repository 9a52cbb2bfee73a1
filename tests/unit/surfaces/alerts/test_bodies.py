"""Each body that Alertmanager or Grafana may send, and what becomes of it."""

from datetime import UTC, datetime, timedelta

import pytest

from advisor.model.alert import AlertKind, AlertStatus, Sender
from advisor.surfaces.alerts.body import BodyError, read_group
from advisor.surfaces.alerts.matching import Kind
from advisor.surfaces.alerts.text import visible
from tests.fakes.alerts import ACounter, a_body, an_alert, an_inbox, group, only_alert, raw

POOL = frozenset({"pool-exhaustion"})


def taken(*names: str) -> dict[str, int]:
    """What became of the alerts of the last of these bodies, on one inbox; zeros left out."""
    inbox = an_inbox()
    receipts = [inbox.take(group(name)) for name in names]
    counts = {name: getattr(receipts[-1], name) for name in ("queued", "resolved", "duplicates", "unmatched", "own")}
    return {name: count for name, count in counts.items() if count}


def test_a_firing_alert_is_one_look_by_its_name_at_its_application() -> None:
    inbox = an_inbox()
    inbox.take(group("a01"))
    pending = inbox.next()
    assert pending is not None
    assert (pending.task.kind, pending.task.focus.rules) == (Kind.LOOK, POOL)
    assert pending.task.focus.applications == ("crane", "quay")
    assert pending.alerts[0].title == "PoolWaitHigh{app=crane,namespace=quay,severity=warning}"
    assert inbox.next() is None


def test_a_resolved_alert_begins_no_look() -> None:
    assert taken("a01", "a02") == {"resolved": 1}


def test_each_alert_of_a_group_has_its_own_status() -> None:
    assert taken("a03") == {"queued": 1, "resolved": 1}
    assert [alert.status for alert in group("a03").alerts] == [AlertStatus.FIRING, AlertStatus.RESOLVED]


@pytest.mark.parametrize("again", ["a04", "a05"])
def test_the_same_alert_again_also_from_the_other_of_a_pair_is_a_duplicate(again: str) -> None:
    assert taken("a01", again) == {"duplicates": 1}


def test_an_alert_that_fired_anew_is_looked_at_anew() -> None:
    assert taken("a01", "a06") == {"queued": 1}
    assert only_alert("a06").starts_at == datetime(2026, 3, 2, 11, 40, 0, 500_000, tzinfo=UTC)


def test_a_start_of_the_year_one_is_not_known() -> None:
    alert = only_alert("a07")
    assert (alert.starts_at, alert.lasted(datetime(2026, 3, 2, tzinfo=UTC))) == (None, None)
    assert taken("a07") == {"queued": 1}


def test_an_alert_without_annotations_has_none() -> None:
    assert only_alert("a08").annotations == ()
    assert taken("a08") == {"queued": 1}


def test_three_alerts_of_one_application_are_one_look_that_knows_how_many_were_not_sent() -> None:
    inbox = an_inbox()
    receipt = inbox.take(group("a09"))
    assert (receipt.queued, receipt.resolved, receipt.not_sent) == (3, 0, 947)
    pending = inbox.next()
    assert pending is not None
    assert (pending.count, pending.not_sent, len(pending.alerts)) == (3, 947, 3)
    assert inbox.next() is None


def test_huge_labels_are_cut_with_a_mark_and_those_that_are_asked_stay() -> None:
    """125 labels of which 64 are kept; the query of 8,007 characters is cut to 500."""
    alert = only_alert("a10")
    assert (len(alert.labels), alert.left_out) == (64, 61)
    assert (alert.label("app"), alert.label("namespace")) == ("crane", "quay")
    assert max(len(value) for _, value in alert.labels) <= 540
    assert len(alert.title) < 400
    query = only_alert("a10").label("query") or "…"
    assert query.endswith("characters more)") or query == "…"


def test_characters_that_cannot_be_seen_are_escapes_and_other_scripts_are_data() -> None:
    alert = only_alert("a11")
    assert alert.label("café") == "☕"
    assert alert.label("service.name") == "crane"
    assert alert.label("emoji") == "🔥"
    assert alert.label("nul") == "a\\x00b"
    assert alert.label("esc") == "\\x1b[31mred\\x1b[0m"
    assert alert.label("crlf") == "x\\r\\nSet-Cookie: a=b"
    assert alert.label("bidi") == "ab\\u202ecba"
    assert alert.label("zero") == "in\\u200bvisible"
    assert alert.label("sep") == "l\\u2028p\\u2029"
    assert all(text.isprintable() for pair in alert.labels for text in pair)


@pytest.mark.parametrize("name", ["a12", "a13", "a14"])
def test_code_in_labels_stays_text(name: str) -> None:
    assert taken(name) == {"queued": 1}
    assert only_alert(name).title.isprintable()


def test_a_reference_in_a_label_is_escaped_by_nobody_here() -> None:
    assert only_alert("a14").label("amp") == "a&b &lt;!here&gt;"


def test_grafana_is_told_by_its_organisation_and_its_zones_are_moments() -> None:
    assert group("a15").sender is Sender.GRAFANA
    alert = only_alert("a15")
    assert alert.starts_at == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert alert.values == (("B", 0.731), ("C", 1.0))
    assert taken("a15") == {"queued": 1}


@pytest.mark.parametrize(("name", "kind"), [("a16", AlertKind.NO_DATA), ("a17", AlertKind.QUERY_ERROR)])
def test_grafanas_alerts_without_data_carry_the_rule_in_rulename(name: str, kind: AlertKind) -> None:
    alert = only_alert(name)
    assert (alert.kind, alert.name, alert.values) == (kind, "PoolWaitHigh", ())
    inbox = an_inbox()
    inbox.take(group(name))
    pending = inbox.next()
    assert pending is not None
    assert (pending.task.kind, pending.task.name, pending.task.focus.rules) == (Kind.NO_DATA, "PoolWaitHigh", POOL)


def test_grafanas_resolved_alert_has_its_end_to_the_microsecond() -> None:
    assert only_alert("a18").ends_at == datetime(2026, 3, 2, 8, 23, 40, 11_810, tzinfo=UTC)
    assert taken("a15", "a18") == {"resolved": 1}


def test_another_version_is_refused_with_those_that_are_understood() -> None:
    with pytest.raises(BodyError, match="version '5' is not understood") as caught:
        read_group(raw("a19"))
    assert 'Alertmanager\'s "4" and Grafana\'s "1"' in str(caught.value)


def test_one_bad_alert_of_three_does_not_cost_the_others() -> None:
    counter = ACounter()
    receipt = an_inbox(counter=counter).take(group("a20"))
    assert receipt.queued == 2
    (refused,) = receipt.refused
    assert refused.index == 1
    assert refused.reason == "labels: Input should be a valid dictionary; startsAt: an RFC 3339 time is expected"
    assert counter.outcomes["alertmanager", "refused"] == 1


def test_alerts_that_are_no_list_are_refused() -> None:
    with pytest.raises(BodyError, match="alerts: a list is expected"):
        read_group(raw("a21"))


def test_a_group_without_alerts_queues_and_resolves_nothing() -> None:
    assert taken("a01", "a22") == {}


def test_the_labels_decide_where_a_fingerprint_comes_thrice() -> None:
    assert taken("a23") == {"queued": 2, "duplicates": 1}


def test_a_clock_ahead_is_said_and_no_time_is_negative() -> None:
    ahead, backwards = group("a24").alerts
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert ahead.clock_doubts(now).startswith("its start is 3653 days, 5:00:00 ahead of this clock")
    assert ahead.lasted(now) == timedelta(0)
    assert backwards.lasted(now) == timedelta(0)
    assert backwards.clock_doubts(now) == "it ended before it started; how long it lasted is not known"
    assert taken("a24") == {"queued": 1, "resolved": 1}


def test_an_alert_about_the_advisor_itself_begins_no_look() -> None:
    assert taken("a25") == {"own": 1}


def test_a_version_one_without_an_organisation_is_not_grafanas() -> None:
    with pytest.raises(BodyError, match="without an orgId"):
        read_group(a_body(version="1"))


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"version": 4, "alerts": []}', b"[" * 9_000]
)
def test_what_is_no_notification_is_refused_with_the_fix(body: bytes) -> None:
    with pytest.raises(BodyError) as caught:
        read_group(body)
    assert caught.value.fix


def test_a_null_where_nothing_is_meant_is_nothing() -> None:
    (alert,) = read_group(a_body(an_alert(annotations=None, values=None, startsAt=None))).alerts
    assert (alert.annotations, alert.values, alert.starts_at) == ((), (), None)


def test_annotations_are_prose_and_stand_on_one_line() -> None:
    (alert,) = read_group(a_body(an_alert(annotations={"summary": "too\n  slow\t!", "empty": "  "}))).alerts
    assert alert.annotations == (("summary", "too slow !"),)


@pytest.mark.parametrize(
    "changes",
    [
        {"groupKey": None},
        {"receiver": None},
        {"receiver": ["advisor"]},
        {"truncatedAlerts": None},
        {"truncatedAlerts": "2"},
        {"truncatedAlerts": -1},
        {"truncatedAlerts": 1.5e300},
        {"version": "1", "orgId": "1"},
        {"status": 7, "commonLabels": None, "externalURL": 3},
    ],
    ids=lambda changes: "-".join(changes),
)
def test_an_odd_envelope_costs_no_alert(changes: dict[str, object]) -> None:
    assert len(read_group(a_body(an_alert(), **changes)).alerts) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"annotations": {"summary": None, "n": 3, "said": "yes"}},
        {"annotations": "none", "values": [1]},
        {"values": {"A": "NaN", "B": None, "C": True, "D": 10**400}},
        {"generatorURL": None, "fingerprint": 17},
        {"labels": {"alertname": "PoolExhaustion", "shard": 3, "ratio": 0.5, "is_primary": True}},
    ],
    ids=lambda changes: "-".join(changes),
)
def test_what_could_be_done_without_costs_no_alert(changes: dict[str, object]) -> None:
    (alert,) = read_group(a_body(an_alert(**changes))).alerts
    assert alert.name == "PoolExhaustion"
    assert all(isinstance(text, str) for pair in alert.annotations for text in pair)


def test_a_text_of_what_cannot_be_seen_is_bounded_too() -> None:
    """An escape of ten characters stands for one: 500 of them are cut to fifty."""
    shown = visible("\U000e0001" * 500, 500)
    assert shown == "\\U000e0001" * 50 + "… (cut, 450 characters more)"
    assert visible("a\nb", 4) == "a\\nb"
    assert visible("a\nb", 3) == "a\\n… (cut, 1 characters more)"
