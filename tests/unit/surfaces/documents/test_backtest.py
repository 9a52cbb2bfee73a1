"""A backtest, on every surface."""

import json
from datetime import timedelta

import pytest

from advisor.engine.replay.backtest import Span, backtest
from advisor.surfaces.documents.backtest import backtest_document
from advisor.surfaces.formats.render import to_csv, to_json
from advisor.surfaces.formats.text import to_text
from advisor.surfaces.views.backtest import BacktestView, backtest_view
from advisor.testing.history import FakeHistory
from advisor.testing.samples import FakeSamples
from advisor.testing.words import NOON, WAIT
from tests.fakes.script import DATABASE_RULE, SLOW_POOL, STEP_SECONDS, a_script, a_snapshot


@pytest.fixture
def view() -> BacktestView:
    """Callers wait for two minutes; in the second one somebody enlarges the pool. Later they wait, and nobody does."""
    waits = [
        a_snapshot(minute, wait=0.5 if minute in (20, 21) else 0.0, size=5 if minute < 21 else 12)
        for minute in range(100)
    ]
    later = [a_snapshot(minute, wait=2.0, size=12) for minute in range(100, 130)]
    samples = FakeSamples()
    samples.functions = {WAIT: lambda at: 0.4 if at < NOON + timedelta(minutes=21) else 0.01}
    span = Span(start=NOON, end=NOON + timedelta(minutes=129), step_seconds=STEP_SECONDS, window_seconds=300)
    done = backtest(span, a_script(SLOW_POOL, DATABASE_RULE), FakeHistory([*waits, *later]), samples)
    return backtest_view(done, "default")


def test_programs_read_what_was_done_and_what_followed(view: BacktestView) -> None:
    data = json.loads(to_json(backtest_document(view)))
    assert data["schema"] == "advisor/backtest/v1"
    assert (data["start"], data["end"], data["step_seconds"]) == ("2026-01-01T12:00:00Z", "2026-01-01T14:09:00Z", 60.0)
    assert (data["snapshots"], data["empty"]) == (130, 0)
    first, second = data["changes"]
    assert (first["at"], first["proposal"]["knob"], first["proposal"]["proposed"]) == (
        "2026-01-01T12:20:00Z",
        "db.pool_size",
        12,
    )
    assert (first["then"]["knob_before"], first["then"]["knob_after"]) == (5.0, 12.0)
    assert first["then"]["before"] == pytest.approx(0.4)
    assert first["then"]["came_true"] is True
    assert (second["at"], second["then"]["came_true"]) == ("2026-01-01T13:40:00Z", None)
    assert {rule["id"]: rule["status"] for rule in data["rules"]} == {
        "pool-exhaustion": "fired",
        "missing-index": "skipped",
    }


def test_people_read_the_same_and_how_to_read_it(view: BacktestView) -> None:
    text = to_text(backtest_document(view), wide=True)
    assert "5 connections -> 12 connections" in text
    assert "yes, 5 -> 12" in text
    assert "what a change did only where the knob moved for real" in " ".join(text.split())
    assert "needs a look at the database, which Prometheus does not record" in text
    assert "32 of 130" in text  # two minutes and thirty


def test_a_spreadsheet_gets_one_row_a_change(view: BacktestView) -> None:
    assert len(to_csv(backtest_document(view)).splitlines()) == 3
