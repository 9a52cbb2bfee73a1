"""The pictures in a thread; an ornament that never holds up a message."""

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from advisor.model.change import NamedSeries, State
from advisor.model.signal import Sample, Series
from advisor.surfaces.slack.sparkline import sparkline
from advisor.surfaces.slack.telling.chart import Chart, png
from advisor.testing.samples import FakeSamples
from advisor.testing.words import NOON, WAIT
from tests.fakes.slack_http import Fault
from tests.fakes.slack_talk import Talk, a_talk
from tests.unit.surfaces.slack.test_threads import kept_verdict, said

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    samples = FakeSamples(step_seconds=60)
    samples.functions[WAIT] = lambda at: 0.1 + at.minute / 100
    with a_talk(tmp_path, samples=samples) as made:
        yield made


def series(start: int, value: float) -> tuple[NamedSeries, ...]:
    samples = tuple(Sample(at=NOON + timedelta(minutes=start + at), value=value) for at in range(10))
    return (NamedSeries(signal=WAIT, series=Series(samples=samples)),)


def test_the_evidence_comes_with_the_proposal_and_the_outcome_in_the_end(talk: Talk) -> None:
    conversation = talk.conversation()
    record = talk.add()
    talk.run(conversation, 60)
    assert [data[:8] for data in talk.slack.files.values()] == [PNG]
    assert "until now ▂" in said(talk.heads()[0])
    talk.move(
        record,
        State.KEPT,
        "gain proven",
        verdict=kept_verdict(),
        baseline=series(0, 0.5),
        trial=series(20, 0.01),
        applying_since=NOON + timedelta(minutes=12),
    )
    talk.run(conversation, 120)
    talk.run(talk.conversation(), 120)
    assert [data[:8] for data in talk.slack.files.values()] == [PNG, PNG]
    assert all(message.thread_ts for message in talk.slack.messages[1:])


def test_without_the_scope_for_files_everything_else_is_told(talk: Talk) -> None:
    talk.slack.scopes.discard("files:write")
    conversation = talk.conversation()
    record = talk.add()
    talk.run(conversation, 60)
    talk.move(record, State.REJECTED, "no")
    talk.run(conversation, 60)
    assert (len(talk.heads()), len(talk.replies()), talk.slack.files) == (1, 1, {})
    assert conversation.problem == ""


def test_an_upload_that_fails_is_given_up_after_some_tries(talk: Talk) -> None:
    talk.slack.fail(Fault.SERVER_ERROR, "files.getUploadURLExternal")
    talk.add()
    talk.run(talk.conversation(), 600)
    assert len(talk.slack.calls_of("files.getUploadURLExternal")) == 3


def test_without_samples_there_is_no_picture_and_the_message_stands(talk: Talk) -> None:
    assert isinstance(talk.samples, FakeSamples)
    talk.samples.down = True
    talk.add()
    talk.run(talk.conversation(), 60)
    assert (len(talk.heads()), talk.slack.files) == (1, {})


def test_a_name_that_looks_like_a_formula_or_has_other_letters_breaks_no_picture() -> None:
    samples = [Sample(at=NOON + timedelta(seconds=at), value=float(at)) for at in range(3)]
    drawn = png(Chart(title="$\\frac{ 東京 \N{ROCKET}", unit="$s", before=samples, band=(0.5, 1.0), changed_at=NOON))
    assert drawn is not None
    assert drawn[:8] == PNG
    assert png(Chart(title="t", unit="s", before=samples[:1])) is None


def test_without_matplotlib_the_sparkline_is_what_there_is(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    talk.add()
    talk.run(talk.conversation(), 60)
    assert "until now ▂" in said(talk.heads()[0])
    assert talk.slack.files == {}


def test_bars_rise_from_nothing_to_the_largest_and_many_points_are_averaged() -> None:
    assert sparkline([0, 1, 2, 4]) == "▁▃▅█"  # 0, 1.75, 3.5 and 7 of 7
    assert sparkline([1.0] * 400) == "█" * 40
    assert sparkline([float("nan")]) == ""
    assert sparkline([0.0, 0.0]) == "▁▁"
