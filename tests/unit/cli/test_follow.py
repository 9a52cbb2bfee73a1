"""`advisor changes --watch` and `advisor changes wait`: what happens in the journal, as it happens."""

import json
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from pydantic import SecretStr

from advisor.cli.follow import steps
from advisor.journal.repository import SqlJournal, open_journal
from advisor.model.change import BaselineWait, ChangeRecord, Phase, State
from advisor.surfaces.choices import ChangeEnd
from advisor.testing.words import NOON, a_change
from tests.fakes.command import advisor_within

ID = "chg_0123456789ab"


def journal(folder: Path) -> SqlJournal:
    return open_journal(SecretStr(f"sqlite:///{folder}/journal.db"))


def kept(record: ChangeRecord) -> ChangeRecord:
    return replace(record, state=State.KEPT, phases=(*record.phases, Phase(state=State.KEPT, at=NOON, reason="x5")))


def test_each_new_state_or_reason_is_told_once_and_the_older_change_first() -> None:
    trial, other = a_change(State.TRIAL, id="chg_1"), a_change(State.PROPOSED, id="chg_2")
    books = iter([[trial], [trial], [other, kept(trial)], [other, kept(trial)]])
    told = steps(lambda: next(books), lambda: None)
    assert [(record.id, record.state) for record in (next(told), next(told))] == [
        ("chg_1", State.KEPT),
        ("chg_2", State.PROPOSED),
    ]


def test_what_a_change_waits_for_is_a_step_when_it_changes() -> None:
    approved = a_change(State.APPROVED)
    waiting = replace(approved, baseline_wait=BaselineWait(since=NOON, lacking="p95: 2.1 independent points"))
    books = iter([[approved], [waiting]])
    assert next(steps(lambda: next(books), lambda: None)).why == "p95: 2.1 independent points"


def test_a_change_is_waited_for_until_it_is_kept(tmp_path: Path) -> None:
    with closing(journal(tmp_path)) as book:
        trial = book.add(a_change(State.TRIAL, version=0))

        def keep_it() -> None:
            time.sleep(0.5)
            book.advance(kept(trial))

        worker = threading.Thread(target=keep_it)
        worker.start()
        done = advisor_within(tmp_path, "changes", "wait", ID, "--for", "kept", "--timeout", "60s", "-o", "json")
        worker.join()
    assert (done.returncode, json.loads(done.stdout)["state"]) == (0, "kept")


def test_one_that_ended_otherwise_ends_the_wait_at_once_with_1(tmp_path: Path) -> None:
    with closing(journal(tmp_path)) as book:
        book.add(kept(a_change(State.TRIAL, version=0)))
    done = advisor_within(tmp_path, "changes", "wait", ID, "--for", "rolled_back")
    assert done.returncode == 1
    assert f"change {ID} is kept; waited for rolled_back" in done.stderr
    assert f"{ID} kept db.pool_size 5 connections -> 12 connections: x5" in done.stdout


def test_a_wait_has_an_end(tmp_path: Path) -> None:
    with closing(journal(tmp_path)) as book:
        book.add(a_change(State.TRIAL, version=0))
    done = advisor_within(tmp_path, "changes", "wait", ID, "--timeout", "100ms")
    assert (done.returncode, "is trial; waited for its end" in done.stderr) == (1, True)


def test_a_wrong_duration_or_form_is_refused(tmp_path: Path) -> None:
    with closing(journal(tmp_path)) as book:
        book.add(a_change(State.TRIAL, version=0))
    assert (
        "--timeout: '5' is not a duration" in advisor_within(tmp_path, "changes", "wait", ID, "--timeout", "5").stderr
    )
    for command in (("wait", ID, "--timeout", "1h"), ("list", "--watch")):  # at once, not after the wait
        refused = advisor_within(tmp_path, "changes", *command, "-o", "html")
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "-o: html cannot follow what happens" in refused.stderr
        assert "--out-file: a file" in advisor_within(tmp_path, "changes", *command, "--out-file", "x").stderr


def test_every_state_that_may_be_waited_for_is_one() -> None:
    assert {one.value for one in ChangeEnd} <= {one.value for one in State}
