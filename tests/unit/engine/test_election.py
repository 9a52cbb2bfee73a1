"""Terms of harness: who gets the lock takes a new epoch; who loses it may not write."""

import pytest

from advisor.engine.election import Election
from advisor.model.errors import JournalError
from advisor.model.term import Term
from advisor.testing.journal import InMemoryJournal
from advisor.testing.leader_lock import FakeLeaderLock, Place


def test_of_two_one_leads_and_the_other_knows_who() -> None:
    journal, place = InMemoryJournal(), Place()
    first, second = (Election(FakeLeaderLock(place), journal, name) for name in ("a:1", "b:2"))
    assert first.campaign() == Term(epoch=1, holder="a:1")
    assert second.campaign() is None
    assert second.leader() == Term(epoch=1, holder="a:1")


def test_confirming_an_office_takes_no_new_epoch() -> None:
    journal = InMemoryJournal()
    election = Election(FakeLeaderLock(Place()), journal, "a:1")
    assert [election.campaign(), election.campaign()] == [Term(epoch=1, holder="a:1")] * 2
    assert journal.current_epoch() == 1


def test_a_lock_that_was_lost_and_won_again_is_a_new_term() -> None:
    place = Place()
    election = Election(FakeLeaderLock(place), InMemoryJournal(), "a:1")
    election.campaign()
    place.free()  # the server was started anew
    assert election.campaign() == Term(epoch=2, holder="a:1")


def test_who_finds_the_lock_taken_has_left_office() -> None:
    journal, place = InMemoryJournal(), Place()
    frozen, other = (Election(FakeLeaderLock(place), journal, name) for name in ("a:1", "b:2"))
    frozen.campaign()
    place.free()
    assert other.campaign() == Term(epoch=2, holder="b:2")
    assert frozen.campaign() is None
    assert frozen.term is None


def test_an_office_that_cannot_be_confirmed_is_left() -> None:
    journal, place = InMemoryJournal(), Place()
    election = Election(FakeLeaderLock(place), journal, "a:1")
    election.campaign()
    place.down = True
    with pytest.raises(JournalError):
        election.campaign()
    assert election.term is None
    place.down = False
    assert election.campaign() == Term(epoch=2, holder="a:1")


def test_a_lock_without_an_epoch_is_no_office() -> None:
    journal, place = InMemoryJournal(), Place()
    election = Election(FakeLeaderLock(place), journal, "a:1")
    journal.down = True
    with pytest.raises(JournalError):
        election.campaign()
    assert election.term is None
    journal.down = False
    assert election.campaign() == Term(epoch=1, holder="a:1")


@pytest.mark.parametrize("end", ["resign", "depose"])
def test_leaving_lets_the_next_one_in(end: str) -> None:
    journal, place = InMemoryJournal(), Place()
    first, second = (Election(FakeLeaderLock(place), journal, name) for name in ("a:1", "b:2"))
    first.campaign()
    first.resign() if end == "resign" else first.depose("a newer term has begun")
    assert first.term is None
    assert second.campaign() == Term(epoch=2, holder="b:2")
