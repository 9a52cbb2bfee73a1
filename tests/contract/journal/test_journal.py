"""One contract for the journal in memory, on SQLite and on Postgres."""

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from advisor.engine.decide.manual_clear import cleared
from advisor.engine.rollout.lifecycle import transition
from advisor.journal.records import to_json
from advisor.journal.repository import open_journal
from advisor.model.approval import Approval, Snooze
from advisor.model.change import ChangeRecord, Event, NamedSeries, State
from advisor.model.errors import (
    AmbiguousIdError,
    ChangeAlreadyOpenError,
    ConflictError,
    JournalError,
    StaleEpochError,
)
from advisor.model.signal import series_of
from advisor.model.verdict import MetricComparison, Outcome, Verdict, VerdictReason
from advisor.testing.journal import InMemoryJournal
from advisor.testing.words import NOON, WAIT, a_change, a_proposal

KINDS = ["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.servers)]


@pytest.fixture(params=KINDS)
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    if request.param == "memory":
        yield InMemoryJournal()
        return
    url = f"sqlite:///{tmp_path}/journal.db" if request.param == "sqlite" else request.getfixturevalue("database")
    opened = open_journal(SecretStr(url))
    yield opened
    opened.close()


def fresh(**changes: Any) -> ChangeRecord:
    return a_change(**{"state": State.PROPOSED, "version": 0, **changes})


def test_one_change_is_open_at_a_time_in_an_environment(journal: Any) -> None:
    first = journal.add(fresh())
    with pytest.raises(ChangeAlreadyOpenError, match="change chg_0123456789ab is open"):
        journal.add(fresh(id="chg_second"))
    journal.add(fresh(id="chg_elsewhere", environment="staging"))
    assert journal.open_change("default") == first
    journal.advance(transition(first, Event.REJECTED, NOON, "no"))
    assert journal.open_change("default") is None
    second = journal.add(fresh(id="chg_second"))
    assert [record.id for record in journal.history("default")] == [second.id, first.id]


def test_a_change_comes_back_exactly_as_it_was_stored(journal: Any) -> None:
    """Numbers keep their type, what is not a number stays so, and times keep their zone."""
    nan = math.nan
    metric = MetricComparison(
        signal=str(WAIT),
        role="goal",
        before=0.1,
        after=nan,
        ratio=nan,
        ratio_low=-math.inf,
        ratio_high=math.inf,
        confidence=0.98,
        samples_before=30,
        samples_after=0,
        effective_before=21.5,
        effective_after=0.0,
    )
    for number, (old, new) in enumerate([(5, 12), (30.0, 60.0), (None, 'CREATE INDEX "ä" ON t (a)'), ("7", 0)]):
        series = series_of([(NOON, 0.25), (NOON + timedelta(seconds=1), 1e-9)])
        record = journal.add(
            fresh(
                id=f"chg_{number}",
                environment=f"e{number}",
                proposal=a_proposal(current=old, proposed=new),
                baseline=(NamedSeries(signal=WAIT, series=series),),
                verdict=Verdict(
                    outcome=Outcome.ROLL_BACK, reason=VerdictReason.NO_DATA, explanation="no data", evidence=(metric,)
                ),
            )
        )
        found = journal.open_change(f"e{number}")
        assert to_json(found) == to_json(record)  # as text, since nan is not equal to itself
        assert (type(found.proposal.current), type(found.proposal.proposed)) == (type(old), type(new))


def test_a_write_on_an_outdated_version_is_refused(journal: Any) -> None:
    record = journal.add(fresh())
    journal.advance(transition(record, Event.APPROVED, NOON, "yes"))
    with pytest.raises(ConflictError):
        journal.advance(transition(record, Event.REJECTED, NOON, "no"))
    assert journal.open_change("default").state is State.APPROVED


def test_every_write_gets_the_next_version(journal: Any) -> None:
    added = journal.add(fresh())
    approved = journal.advance(transition(added, Event.APPROVED, NOON, "yes"))
    begun = journal.advance(transition(approved, Event.APPLY_BEGUN, NOON, "now"))
    assert [added.version, approved.version, begun.version] == [1, 2, 3]
    assert journal.open_change("default") == begun


def test_the_same_change_is_not_stored_twice(journal: Any) -> None:
    record = journal.add(fresh())
    with pytest.raises(ConflictError):
        journal.add(fresh())
    journal.advance(transition(record, Event.REJECTED, NOON, "no"))
    with pytest.raises(ConflictError):
        journal.add(fresh())
    assert len(journal.history("default")) == 1


def test_a_change_that_was_never_added_cannot_be_advanced(journal: Any) -> None:
    with pytest.raises(ConflictError):
        journal.advance(a_change(State.APPROVED))
    assert journal.history("default") == []


def test_an_ended_change_cannot_be_opened_again_beside_an_open_one(journal: Any) -> None:
    ended = journal.advance(transition(journal.add(fresh()), Event.REJECTED, NOON, "no"))
    journal.add(fresh(id="chg_second"))
    with pytest.raises(ChangeAlreadyOpenError, match="change chg_second is open"):
        journal.advance(replace(ended, state=State.TRIAL))
    assert journal.find(ended.id) == ended


def test_history_leaves_the_samples_out_and_follows_what_is_written(journal: Any) -> None:
    samples = (NamedSeries(signal=WAIT, series=series_of([(NOON, 0.1)])),)
    first = journal.add(fresh(id="chg_1", baseline=samples, usual=samples, trial=samples))
    assert journal.history("default")[0] == first.without_samples()
    ended = journal.advance(replace(first, state=State.KEPT))
    journal.add(fresh(id="chg_2"))
    for limit in (1, 100, 1):
        states = [record.state for record in journal.history("default", limit)]
        assert states == [State.PROPOSED, State.KEPT][:limit]
    assert journal.find("chg_1") == ended
    assert ended.baseline


def test_history_shows_the_latest_first_and_no_more_than_asked(journal: Any) -> None:
    for number in range(4):
        # The clock runs backwards: the order is that of arrival.
        at = NOON - timedelta(hours=number)
        journal.add(fresh(id=f"chg_{number}", state=State.REJECTED, created_at=at))
    assert [record.id for record in journal.history("default", limit=3)] == ["chg_3", "chg_2", "chg_1"]
    assert list(journal.history("staging")) == []


def test_a_fight_is_remembered_however_old_until_a_person_clears_it(journal: Any) -> None:
    for number, state in enumerate([State.SUPERSEDED, State.SUPERSEDED, *[State.KEPT] * 3]):
        journal.add(fresh(id=f"chg_{number}", state=state))
    journal.add(fresh(id="chg_other", state=State.SUPERSEDED, environment="staging"))
    assert [record.id for record in journal.fights("default")] == ["chg_1", "chg_0"]
    journal.advance(cleared(journal.find("chg_1"), "ada"))
    assert [record.id for record in journal.fights("default")] == ["chg_0"]
    assert journal.find("chg_1").cleared_by == "ada"


def test_who_is_out_of_office_can_write_nothing(journal: Any) -> None:
    first = journal.take("one")
    record = journal.add(fresh(epoch=first))
    second = journal.take("two")
    assert second > first
    with pytest.raises(StaleEpochError):
        journal.advance(transition(record, Event.APPROVED, NOON, "yes"))
    with pytest.raises(StaleEpochError):
        journal.add(fresh(id="chg_other", environment="staging", epoch=first))
    taken_over = replace(transition(record, Event.APPROVED, NOON, "yes"), epoch=second)
    assert journal.advance(taken_over).epoch == second
    assert journal.current_epoch() == second


def test_a_change_that_is_asked_for_again_is_as_it_is_now(journal: Any) -> None:
    stored = journal.add(fresh(id="chg_abc"))
    assert journal.find("chg_abc") == journal.open_change("default") == stored
    moved = journal.advance(replace(stored, state=State.APPROVED))
    assert journal.find("chg_abc") == journal.open_change("default") == moved
    journal.add(fresh(id="chg_abcd", environment="staging"))
    assert journal.find("chg_abc") == moved, "a whole id is no beginning of another"


def test_a_change_is_found_by_the_beginning_of_its_id(journal: Any) -> None:
    journal.add(fresh(id="chg_abc"))
    journal.add(fresh(id="chg_abd", environment="staging"))
    assert journal.find("chg_abc").id == "chg_abc"
    assert journal.find("chg_x") is None
    assert journal.find("chg%") is None
    assert journal.find("CHG_ABC") is None
    assert journal.find("") is None  # what a shell makes of a variable that is not set
    with pytest.raises(JournalError, match="several"):
        journal.find("chg_ab")


def test_a_pause_lasts_until_it_is_ended(journal: Any) -> None:
    assert journal.paused() is None
    journal.pause("release", NOON, freeze=False)
    two_hours_east = timezone(timedelta(hours=2))
    journal.pause("incident", NOON.astimezone(two_hours_east), freeze=True)
    found = journal.paused()
    assert (found.reason, found.since, found.freeze) == ("incident", NOON, True)
    journal.resume()
    journal.resume()
    assert journal.paused() is None


# ---- what people said


def test_the_last_word_on_a_rule_counts_in_its_environment(journal: Any) -> None:
    first = Snooze(rule="pool-exhaustion", until=NOON, who="ada")
    last = Snooze(rule="pool-exhaustion", until=NOON + timedelta(days=1), who="bob", reason="release week")
    journal.snooze("default", first)
    journal.snooze("default", last)
    journal.snooze("staging", first)
    assert list(journal.snoozes("default")) == [last]


def test_a_kept_change_that_is_taken_up_again_has_the_one_place(journal: Any) -> None:
    kept = journal.add(fresh(state=State.KEPT))
    other = journal.add(fresh(id="chg_other"))
    with pytest.raises(ChangeAlreadyOpenError, match="change chg_other is open"):
        journal.advance(transition(kept, Event.ROLL_BACK_ASKED, NOON, "rolled back by ada"))
    journal.advance(transition(other, Event.REJECTED, NOON, "no"))
    assert journal.advance(transition(kept, Event.ROLL_BACK_ASKED, NOON, "rolled back by ada")).is_open


def test_who_approved_what_is_kept(journal: Any) -> None:
    record = fresh()
    said = Approval(who="ada (slack U1)", at=NOON, plan=record.plan_hash)
    stored = journal.add(replace(record, approvals=(said,), roll_back_asked="rolled back by ada"))
    found = journal.find(stored.id)
    assert (found.approvals, found.roll_back_asked, found.plan_hash) == (
        (said,),
        "rolled back by ada",
        record.plan_hash,
    )


def test_changes_are_read_page_by_page_whatever_is_added_meanwhile(journal: Any) -> None:
    for number in range(5):
        state = State.KEPT if number % 2 else State.EXPIRED
        journal.add(fresh(id=f"chg_{number}", state=state))
    journal.add(fresh(id="chg_elsewhere", environment="staging", state=State.KEPT))

    first = journal.page("default", 2)
    assert [record.id for record in first.changes] == ["chg_4", "chg_3"]
    journal.add(fresh(id="chg_new"))
    second = journal.page("default", 2, before=first.next)
    third = journal.page("default", 2, before=second.next)
    assert [record.id for page in (second, third) for record in page.changes] == ["chg_2", "chg_1", "chg_0"]
    assert third.next is None
    assert journal.page("default", 6).next is None  # a page that is just full is the last
    assert journal.page("default", 5).next is not None


def test_a_page_holds_only_changes_of_the_states_that_are_asked_for(journal: Any) -> None:
    for number in range(6):
        journal.add(fresh(id=f"chg_{number}", state=(State.KEPT, State.EXPIRED, State.FAILED)[number % 3]))
    first = journal.page("default", 3, states=[State.KEPT, State.FAILED])
    assert [record.id for record in first.changes] == ["chg_5", "chg_3", "chg_2"]
    rest = journal.page("default", 3, states=[State.KEPT, State.FAILED], before=first.next)
    assert ([record.id for record in rest.changes], rest.next) == (["chg_0"], None)
    assert journal.page("default", 3, states=[State.STUCK]).changes == []


def test_the_samples_of_a_change_are_left_out_of_pages_and_its_present_version_is_shown(journal: Any) -> None:
    series = NamedSeries(signal=WAIT, series=series_of([(NOON, 0.25)]))
    stored = journal.add(fresh(baseline=(series,)))
    assert journal.page("default", 1).changes[0].baseline == ()
    journal.advance(transition(stored, Event.REJECTED, NOON, "no"))
    assert journal.page("default", 1).changes[0].state is State.REJECTED
    assert journal.find(stored.id).baseline == (series,)


def test_an_id_that_several_changes_begin_with_is_told_to_be_so(journal: Any) -> None:
    for number in range(2):
        journal.add(fresh(id=f"chg_{number}", state=State.KEPT))
    with pytest.raises(AmbiguousIdError, match="several changes start with 'chg_'"):
        journal.find("chg_")
