"""Each thing that waits is answered once, whatever comes of it."""

import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from advisor.engine.targeted import look
from advisor.model.alert import AlertAnswer, AlertStatus, AnswerOutcome, Focus, TargetedLook
from advisor.model.errors import JournalError, SourceUnavailableError
from advisor.model.signal import signal
from advisor.model.snapshot import Snapshot
from advisor.surfaces.alerts.body import read_group
from advisor.surfaces.alerts.inbox import Inbox
from advisor.surfaces.alerts.silence import SilentApplications
from advisor.surfaces.alerts.worker import AlertWorker
from advisor.surfaces.views.alert import alert_answer_view
from advisor.surfaces.views.plain_data import plain_mapping
from advisor.testing.clock import FakeClock
from advisor.testing.meter import FakeAlertListener
from advisor.testing.notebook import InMemoryNotebook
from advisor.testing.snapshots import a_calm_pool, a_context, a_database_state, a_snapshot, an_exhausted_pool
from advisor_rules import ALL_RULES
from tests.fakes.alerts import a_body, an_alert, an_inbox, group

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)


class AWalk:
    """A daemon that leads and sees `snapshot`; an error stands for a look or a note that fails."""

    def __init__(self, snapshot: Snapshot | None = None, *, fault: Exception | None = None, change: str = "") -> None:
        self.snapshot = snapshot or a_snapshot()
        self.fault = fault
        self.change = change
        self.is_leader = True
        self.foci: list[Focus] = []
        self.notes: list[str] = []

    def leads(self) -> bool:
        return self.is_leader

    def look(self, focus: Focus) -> TargetedLook:
        self.foci.append(focus)
        if self.fault is not None:
            raise self.fault
        return look(focus, self.snapshot, ALL_RULES, a_context())

    def note(self, focus: Focus, reason: str) -> str:
        if self.fault is not None:
            raise self.fault
        self.notes.append(reason)
        return self.change


class ADesk:
    """A worker on an inbox of its own."""

    def __init__(self) -> None:
        self.clock, self.notebook, self.listener = FakeClock(MORNING), InMemoryNotebook(), FakeAlertListener()
        self.silent = SilentApplications(self.notebook, self.clock)
        self.inbox: Inbox = an_inbox(
            notebook=self.notebook,
            clock=self.clock,
            still_without_data=lambda task: self.silent.goes_on(task.name, task.focus),
        )
        self.worker = AlertWorker(
            inbox=self.inbox,
            silent=self.silent,
            clock=self.clock,
            listeners=(_Broken(), self.listener),
            pause_seconds=0.01,
        )

    def answer(self, name: str | bytes, walk: AWalk) -> AlertAnswer:
        self.inbox.take(read_group(name) if isinstance(name, bytes) else group(name))
        pending = self.inbox.next()
        assert pending is not None
        return self.worker.answer(pending, walk)


class _Broken:
    def answered(self, answer: AlertAnswer) -> None:
        raise OSError("chat is down")


def crane(**changes: Any) -> Snapshot:
    return a_snapshot(an_exhausted_pool("crane"), a_calm_pool("shop"), databases=[a_database_state()])


def test_the_answer_to_an_alert_names_it_and_what_would_help() -> None:
    answer = ADesk().answer("a01", AWalk(crane()))
    assert answer.outcome is AnswerOutcome.PROPOSED
    assert answer.title == "PoolWaitHigh{app=crane,namespace=quay,severity=warning}"
    assert (answer.application, answer.rules) == ("crane", ("pool-exhaustion",))
    assert [finding.id for finding in answer.findings] == ["pool-exhaustion/crane"]
    assert [str(proposal.target) for proposal in answer.proposals] == ["db.pool_size[app=crane]"]


def test_when_no_knob_will_help_the_answer_says_why() -> None:
    """Of a pool that nobody waits for, nothing is found; of one that is not measured, nothing is judged."""
    calm = ADesk().answer("a01", AWalk(a_snapshot(a_calm_pool("crane"))))
    assert (calm.outcome, calm.why) == (AnswerOutcome.NO_KNOB, "found nothing now: pool-exhaustion")
    body = a_body(an_alert({"app": "crane", "advisor_rule": "low-cache-hit-rate"}))
    blind = ADesk().answer(body, AWalk(crane()))
    assert blind.outcome is AnswerOutcome.NO_KNOB
    assert blind.why.startswith("low-cache-hit-rate could not judge: no source delivers cache.hit_ratio")


@pytest.mark.parametrize("name", ["a12", "a13", "a14"])
def test_an_application_that_nobody_knows_gets_no_numbers_of_others(name: str) -> None:
    answer = ADesk().answer(name, AWalk(crane()))
    assert (answer.outcome, answer.findings, answer.proposals) == (AnswerOutcome.UNKNOWN_APPLICATION, (), ())
    assert answer.why.startswith("no such application is known: ")


def test_an_answer_says_what_was_not_sent_and_that_a_clock_is_ahead() -> None:
    assert ADesk().answer("a09", AWalk(crane())).notes == ("947 more were not sent",)
    assert "ahead of this clock; it is looked at as of now" in ADesk().answer("a24", AWalk(crane())).notes[0]


@pytest.mark.parametrize("name", ["a16", "a17"])
def test_no_data_is_a_finding_and_every_sample_of_the_application_is_doubted(name: str) -> None:
    desk, walk = ADesk(), AWalk(crane())
    answer = desk.answer(name, walk)
    assert answer.outcome is AnswerOutcome.NO_DATA
    (finding,) = answer.findings
    assert finding.summary == "no data for PoolWaitHigh"
    assert "missing" in [evidence.value for evidence in finding.evidence]
    assert walk.foci == []
    assert "no data since" in desk.silent.problem(signal("http.error_ratio", app="crane"))
    assert desk.silent.problem(signal("http.error_ratio", app="shop")) == ""


def test_a_failed_query_of_theirs_is_told_with_their_words() -> None:
    (finding,) = ADesk().answer("a17", AWalk()).findings
    assert finding.cause.endswith("failed to execute query [A]: context deadline exceeded")


def test_doubts_end_with_the_alert_and_outlast_a_restart() -> None:
    desk = ADesk()
    desk.answer("a16", AWalk())
    reborn = SilentApplications(desk.notebook, desk.clock)
    reborn.load()
    assert reborn.problem(signal("pool.size", app="crane"))
    ended = group("a16")
    resolved = replace(ended.alerts[0], key="another", status=AlertStatus.RESOLVED)
    desk.inbox.take(replace(ended, alerts=(resolved,)))
    pending = desk.inbox.next()
    assert pending is not None
    desk.worker.answer(pending, AWalk())
    reborn.load()
    assert reborn.problem(signal("pool.size", app="crane")) == ""


def test_doubts_that_are_not_repeated_end_by_themselves() -> None:
    desk = ADesk()
    desk.answer("a16", AWalk())
    desk.clock.advance(5 * 3600 + 1)
    assert desk.silent.problem(signal("pool.size", app="crane")) == ""


def test_doubts_that_are_repeated_go_on_and_keep_their_beginning() -> None:
    """Every four hours, as Grafana does; after a day they are as old as they are."""
    desk = ADesk()
    desk.answer("a16", AWalk())
    for _ in range(6):
        desk.clock.advance(4 * 3600)
        assert desk.inbox.take(group("a16")).duplicates == 1
    assert "no data since 2026-03-02 09:00Z: PoolWaitHigh" in desk.silent.problem(signal("pool.size", app="crane"))
    reborn = SilentApplications(desk.notebook, desk.clock)
    reborn.load()
    assert "2026-03-02 09:00Z" in reborn.problem(signal("pool.size", app="crane"))


def test_doubts_that_are_over_are_not_kept_for_ever() -> None:
    desk = ADesk()
    desk.answer("a16", AWalk())
    desk.clock.advance(5 * 3600 + 1)
    desk.silent.load()
    assert desk.notebook.entries("alerts", "no-data/") == []


def test_doubts_are_bounded() -> None:
    desk = ADesk()
    for number in range(1_010):
        desk.silent.begin(f"rule {number}", Focus(rules=frozenset({"pool-exhaustion"}), applications=("crane",)))
    assert len(desk.notebook.entries("alerts", "no-data/")) == 1_000


def test_doubts_that_could_not_be_written_down_hold_and_are_written_later() -> None:
    desk = ADesk()
    desk.notebook.down = True
    desk.silent.begin("PoolWaitHigh", Focus(rules=frozenset({"pool-exhaustion"}), applications=("crane",)))
    desk.silent.load()
    desk.notebook.down = False
    desk.silent.load()
    assert desk.silent.problem(signal("pool.size", app="crane"))
    assert len(desk.notebook.entries("alerts", "no-data/")) == 1


def test_one_of_two_rules_whose_long_names_begin_alike_ends_alone() -> None:
    desk, focus = ADesk(), Focus(rules=frozenset({"pool-exhaustion"}), applications=("crane",))
    for name in ("x" * 150 + "|one", "x" * 150 + "|two"):
        desk.silent.begin(name, focus)
    desk.silent.end("x" * 150 + "|one", focus)
    assert desk.silent.problem(signal("pool.size", app="crane")).endswith("x|two")


def test_a_note_that_crashes_is_an_answer_and_the_worker_goes_on() -> None:
    desk, walk = ADesk(), AWalk(fault=RuntimeError("of somebody else"))
    desk.inbox.take(group("a02"))
    told = threading.Event()
    desk.worker = replace_listener(desk, [lambda: desk.inbox.take(group("a01")), told.set])
    desk.worker.start(walk)
    assert told.wait(60)
    desk.worker.stop()
    assert [answer.outcome for answer in desk.listener.answers] == [AnswerOutcome.FAILED] * 2


def test_where_its_rules_are_switched_off_meanwhile_the_answer_says_so() -> None:
    class Without(AWalk):
        def look(self, focus: Focus) -> TargetedLook:
            return look(focus, self.snapshot, (), a_context())

    answer = ADesk().answer("a01", Without(crane()))
    assert (answer.outcome, answer.why) == (
        AnswerOutcome.NO_KNOB,
        "none of the rules that it is about is asked any more",
    )


def test_a_resolved_alert_is_noted_on_the_change_that_came_of_it() -> None:
    walk = AWalk(change="chg_1")
    answer = ADesk().answer("a02", walk)
    assert (answer.outcome, answer.change_id) == (AnswerOutcome.RESOLVED, "chg_1")
    assert walk.notes == ["the alert PoolWaitHigh{app=crane,namespace=quay,severity=warning} has ended after 0:20:00"]


@pytest.mark.parametrize("fault", [JournalError("the disk is full"), SourceUnavailableError("no answer")])
def test_a_note_that_fails_is_an_answer_all_the_same(fault: Exception) -> None:
    answer = ADesk().answer("a02", AWalk(fault=fault))
    assert (answer.outcome, answer.change_id) == (AnswerOutcome.RESOLVED, "")


@pytest.mark.parametrize(
    ("fault", "why"),
    [(SourceUnavailableError("no answer"), "no answer"), (KeyError("app"), "unexpected KeyError; see the log")],
)
def test_a_look_that_fails_is_an_answer_too(fault: Exception, why: str) -> None:
    answer = ADesk().answer("a01", AWalk(fault=fault))
    assert (answer.outcome, answer.why) == (AnswerOutcome.FAILED, why)


def test_about_itself_the_advisor_says_so_and_does_not_look() -> None:
    walk = AWalk()
    assert ADesk().answer("a25", walk).outcome is AnswerOutcome.OWN
    assert walk.foci == []


def test_an_answer_is_plain_data() -> None:
    view = plain_mapping(alert_answer_view(ADesk().answer("a15", AWalk(crane()))))
    assert view["schema"] == "advisor/alert-answer/v1"
    assert view["outcome"] == "proposed"
    assert view["alerts"][0]["values"] == {"B": 0.731, "C": 1}  # type: ignore[index]


def test_the_worker_answers_what_comes_and_what_was_left_and_a_broken_listener_hides_nothing() -> None:
    desk, walk = ADesk(), AWalk(crane())
    desk.inbox.take(group("a01"))
    told = threading.Event()
    both = [told.set, lambda: None]
    desk.worker = replace_listener(desk, both)
    desk.worker.start(walk)
    assert told.wait(60)
    desk.worker.stop()
    assert [answer.outcome for answer in desk.listener.answers] == [AnswerOutcome.PROPOSED]
    assert desk.notebook.entries("alerts", "waiting/") == []


@pytest.mark.parametrize("fault", [ValueError("odd"), SourceUnavailableError("away", where="prometheus", fix="look")])
def test_a_look_that_fails_ends_no_worker_and_the_next_alert_is_answered(fault: Exception) -> None:
    desk, walk = ADesk(), AWalk(crane(), fault=fault)
    told = [threading.Event(), threading.Event()]
    desk.worker = replace_listener(desk, [told[0].set, told[1].set])
    desk.inbox.take(group("a01"))
    desk.worker.start(walk)
    assert told[0].wait(60)
    walk.fault = None
    desk.inbox.take(group("a01"))  # its sender repeats it
    assert told[1].wait(60)
    desk.worker.stop(60)
    assert [answer.outcome for answer in desk.listener.answers] == [AnswerOutcome.FAILED, AnswerOutcome.PROPOSED]


def test_a_daemon_that_cannot_say_whether_it_leads_ends_no_worker(capsys: pytest.CaptureFixture[str]) -> None:
    desk, walk = ADesk(), AWalk(crane())
    asked = threading.Event()

    def leads() -> bool:
        asked.set()
        raise OSError("the lease is gone")

    walk.leads = leads  # type: ignore[method-assign]
    desk.worker.start(walk)
    assert asked.wait(60)
    desk.worker.stop(60)
    assert "surface_round_crashed" in capsys.readouterr().out


def replace_listener(desk: ADesk, then: list[Any]) -> AlertWorker:
    """Its worker, which also tells that it has told."""

    class Telling:
        def answered(self, answer: AlertAnswer) -> None:
            desk.listener.answered(answer)
            then.pop(0)()

    return AlertWorker(
        inbox=desk.inbox,
        silent=desk.silent,
        clock=desk.clock,
        listeners=(_Broken(), Telling()),
        pause_seconds=0.01,
    )


def test_a_follower_answers_nothing() -> None:
    desk, walk = ADesk(), AWalk(crane())
    walk.is_leader = False
    desk.inbox.take(group("a01"))
    asked = threading.Event()
    walk.leads = lambda: bool(asked.set())  # type: ignore[method-assign]
    desk.worker.start(walk)
    assert asked.wait(60)
    desk.worker.stop()
    assert desk.listener.answers == []
    assert desk.inbox.waiting() == 1
