"""What fired is a known event of the trials of its application."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from advisor.model.alert import Alert, AlertAnswer, AlertKind, AlertStatus, AnswerOutcome
from advisor.model.course import MarkKind
from advisor.surfaces.alerts.heard import HeardAlerts

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
FIRING = Alert(key="1", status=AlertStatus.FIRING, name="SlowShop", labels=(("app", "shop"),), starts_at=NOON)


def told(*alerts: Alert, app: str = "shop", outcome: AnswerOutcome = AnswerOutcome.NO_KNOB) -> HeardAlerts:
    heard = HeardAlerts()
    heard.answered(AlertAnswer(at=NOON, outcome=outcome, alerts=alerts, count=len(alerts), application=app))
    return heard


def test_an_alert_that_fires_is_an_event_from_when_it_began() -> None:
    (mark,) = told(FIRING).marks("shop", NOON - DAY, NOON + DAY)
    assert (mark.kind, mark.at, mark.what) == (MarkKind.ALERT, NOON, "SlowShop{app=shop} began to fire")


def test_it_is_told_of_its_application_and_one_of_none_of_all() -> None:
    assert not told(FIRING).marks("crane", NOON - DAY, NOON + DAY)
    assert told(FIRING, app="").marks("crane", NOON - DAY, NOON + DAY)


def test_outside_the_span_it_is_not_told() -> None:
    assert not told(FIRING).marks("shop", NOON - DAY, NOON)
    assert told(FIRING).marks("shop", NOON, NOON + DAY)


def test_the_same_alert_again_is_one_event() -> None:
    assert len(told(FIRING, FIRING).marks("shop", NOON - DAY, NOON + DAY)) == 1


def test_what_no_longer_fires_could_not_be_judged_or_has_no_start_is_none() -> None:
    others = (
        replace(FIRING, status=AlertStatus.RESOLVED),
        replace(FIRING, kind=AlertKind.NO_DATA),
        replace(FIRING, starts_at=None),
    )
    assert not told(*others).marks("shop", NOON - DAY, NOON + DAY)


def test_an_alert_about_the_advisor_itself_is_none_of_an_application() -> None:
    assert not told(FIRING, app="", outcome=AnswerOutcome.OWN).marks("shop", NOON - DAY, NOON + DAY)


def test_only_the_latest_two_hundred_are_kept() -> None:
    heard = told(*(replace(FIRING, key=str(number)) for number in range(250)))
    assert len(heard.marks("shop", NOON - DAY, NOON + DAY)) == 200
