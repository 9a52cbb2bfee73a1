"""The pictures in a thread; an ornament that never holds up a message."""

import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from advisor.model.change import ChangeRecord, NamedSeries, State
from advisor.model.signal import Sample, Series
from advisor.surfaces.documents.sparkline import sparkline
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
    kept(talk, record)
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


def kept(talk: Talk, record: ChangeRecord) -> None:
    talk.move(
        record,
        State.KEPT,
        "gain proven",
        verdict=kept_verdict(),
        baseline=series(0, 0.5),
        trial=series(20, 0.01),
        applying_since=NOON + timedelta(minutes=12),
    )


def test_the_outcome_of_a_change_that_is_over_is_tried_again_with_what_else_waits(talk: Talk) -> None:
    conversation = talk.conversation()
    record = talk.add()
    talk.run(conversation, 60)
    talk.slack.fail(Fault.SERVER_ERROR, "files.completeUploadExternal", times=2)
    kept(talk, record)
    talk.run(conversation, 300)
    titles = [call.arguments["files"][0]["title"] for call in talk.slack.calls_of("files.completeUploadExternal")]
    assert titles == [f"evidence of {record.id}", *[f"outcome of {record.id}"] * 3]
    calls = len(talk.slack.calls)
    talk.run(conversation, 300)
    assert len(talk.slack.calls) == calls, "once it is there it is not sent again"


def test_an_upload_that_fails_is_given_up_after_some_tries_and_the_thread_says_so(talk: Talk) -> None:
    talk.slack.fail(Fault.SERVER_ERROR, "files.getUploadURLExternal")
    record = talk.add()
    conversation = talk.conversation()
    talk.run(conversation, 600)
    assert len(talk.slack.calls_of("files.getUploadURLExternal")) == 3
    kept(talk, record)
    talk.run(conversation, 600)
    assert len(talk.slack.calls_of("files.getUploadURLExternal")) == 6
    told = [reply.text for reply in talk.replies() if "could not be sent" in reply.text]
    assert [text.split()[4] for text in told] == ["evidence", "outcome"]


def test_nothing_is_read_or_drawn_for_what_cannot_be_sent_now(talk: Talk, capsys: pytest.CaptureFixture[str]) -> None:
    assert isinstance(talk.samples, FakeSamples)
    talk.slack.fail("channel_not_found")
    conversation = talk.conversation()
    talk.add()
    talk.run(conversation, 10)
    assert "channel_not_found" in conversation.problem
    asked = Asked()
    talk.samples.functions[WAIT] = asked
    talk.journal.down = talk.notebook.down = True  # whoever asks them is told
    assert conversation.round() > 0
    assert asked.times == 0
    assert "slack_round_failed" not in capsys.readouterr().out


class Asked:
    """A signal that counts how often it is read."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, at: datetime) -> float:
        self.times += 1
        return 1.0


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
