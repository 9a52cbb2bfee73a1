"""Terms of harness: who gets the lock takes a new epoch; who loses it may not write."""

import pytest

from advisor.engine.election import Election
from advisor.model.errors import JournalError
from advisor.model.term import Term
from advisor.testing.clock import FakeClock
from advisor.testing.journal import InMemoryJournal
from advisor.testing.leader_lock import FakeLeaderLock, Place

LEASE_SECONDS = 15.0


def test_of_two_one_leads_and_the_other_knows_who() -> None:
    journal, place = InMemoryJournal(), Place()
    first, second = (
        Election(FakeLeaderLock(place), journal, name, FakeClock(), LEASE_SECONDS) for name in ("a:1", "b:2")
    )
    assert first.campaign() == Term(epoch=1, holder="a:1")
    assert second.campaign() is None
    assert second.leader() == Term(epoch=1, holder="a:1")


def test_confirming_an_office_takes_no_new_epoch() -> None:
    journal = InMemoryJournal()
    election = Election(FakeLeaderLock(Place()), journal, "a:1", FakeClock(), LEASE_SECONDS)
    assert [election.campaign(), election.campaign()] == [Term(epoch=1, holder="a:1")] * 2
    assert journal.current_epoch() == 1


def test_a_lock_that_was_lost_and_won_again_is_a_new_term() -> None:
    place = Place()
    election = Election(FakeLeaderLock(place), InMemoryJournal(), "a:1", FakeClock(), LEASE_SECONDS)
    election.campaign()
    place.free()  # the server was started anew
    assert election.campaign() == Term(epoch=2, holder="a:1")


def test_who_finds_the_lock_taken_has_left_office() -> None:
    journal, place = InMemoryJournal(), Place()
    frozen, other = (
        Election(FakeLeaderLock(place), journal, name, FakeClock(), LEASE_SECONDS) for name in ("a:1", "b:2")
    )
    frozen.campaign()
    place.free()
    assert other.campaign() == Term(epoch=2, holder="b:2")
    assert frozen.campaign() is None
    assert frozen.term is None


def test_an_office_that_cannot_be_confirmed_is_left() -> None:
    journal, place = InMemoryJournal(), Place()
    election = Election(FakeLeaderLock(place), journal, "a:1", FakeClock(), LEASE_SECONDS)
    election.campaign()
    place.down = True
    with pytest.raises(JournalError):
        election.campaign()
    assert election.term is None
    place.down = False
    assert election.campaign() == Term(epoch=2, holder="a:1")


def test_a_lock_without_an_epoch_is_no_office() -> None:
    journal, place = InMemoryJournal(), Place()
    election = Election(FakeLeaderLock(place), journal, "a:1", FakeClock(), LEASE_SECONDS)
    journal.down = True
    with pytest.raises(JournalError):
        election.campaign()
    assert election.term is None
    journal.down = False
    assert election.campaign() == Term(epoch=1, holder="a:1")


@pytest.mark.parametrize("end", ["resign", "depose"])
def test_leaving_lets_the_next_one_in(end: str) -> None:
    journal, place = InMemoryJournal(), Place()
    first, second = (
        Election(FakeLeaderLock(place), journal, name, FakeClock(), LEASE_SECONDS) for name in ("a:1", "b:2")
    )
    first.campaign()
    first.resign() if end == "resign" else first.depose("a newer term has begun")
    assert first.term is None
    assert second.campaign() == Term(epoch=2, holder="b:2")


def test_a_term_that_was_not_confirmed_for_the_lease_is_none_until_it_is() -> None:
    """However the question hangs: the others may begin after the lease, so this one has ended by then."""
    clock, journal = FakeClock(), InMemoryJournal()
    election = Election(FakeLeaderLock(Place()), journal, "a:1", clock, LEASE_SECONDS)
    first = election.campaign()
    clock.advance(LEASE_SECONDS)
    assert election.term == first
    clock.advance(0.1)
    assert election.term is None
    assert election.campaign() == first, "nobody has taken it meanwhile"
    assert election.term == first


def test_the_lease_counts_from_when_it_was_asked_for() -> None:
    class SlowLock(FakeLeaderLock):
        def hold(self) -> int | None:
            clock.advance(10)
            return super().hold()

    clock = FakeClock()
    election = Election(SlowLock(Place()), InMemoryJournal(), "a:1", clock, LEASE_SECONDS)
    assert election.campaign() is not None
    clock.advance(6)
    assert election.term is None


def test_a_clock_on_the_wall_that_jumps_ends_no_term() -> None:
    clock = FakeClock()
    election = Election(FakeLeaderLock(Place()), InMemoryJournal(), "a:1", clock, LEASE_SECONDS)
    election.campaign()
    clock.jump(86_400)
    assert election.term is not None
