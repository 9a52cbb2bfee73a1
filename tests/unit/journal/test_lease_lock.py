"""Leading by a Lease: one at a time, whatever the clocks say; the promises of every lock are in tests/contract."""

from datetime import timedelta

import pytest

from advisor.clients.kubernetes import NotAllowedError
from advisor.engine.election import Election
from advisor.journal.lease_lock import LeaseLock
from advisor.model.errors import JournalError, SourceUnavailableError
from advisor.testing.clock import FakeClock
from advisor.testing.journal import InMemoryJournal
from tests.fakes.leases import FakeLeases

LEASE = ("tuning-advisor", "lead")


def lock(leases: FakeLeases, holder: str, clock: FakeClock | None = None, seconds: float = 15.0) -> LeaseLock:
    return LeaseLock(leases, LEASE, holder, clock or FakeClock(), seconds)


def test_the_record_says_who_holds_it_since_when_and_for_how_long() -> None:
    leases = FakeLeases()
    assert lock(leases, "a:1").hold() == 1
    assert leases.spec == {
        "holderIdentity": "a:1",
        "leaseDurationSeconds": 15,
        "acquireTime": "2026-01-01T12:00:00.000000Z",
        "renewTime": "2026-01-01T12:00:00.000000Z",
        "leaseTransitions": 1,
    }


def test_a_holder_that_is_silent_for_the_lease_has_lost_it_and_learns_so() -> None:
    leases, watch = FakeLeases(), FakeClock()
    silent, other = lock(leases, "a:1"), lock(leases, "b:2", watch)
    assert silent.hold() == 1
    assert other.hold() is None
    watch.advance(15)
    assert other.hold() is None  # not yet: longer than 15 s, not as long
    watch.advance(1)
    assert other.hold() == 1
    assert silent.hold() is None
    assert leases.spec["leaseTransitions"] == 2


def test_a_holder_that_confirms_itself_keeps_it_however_long() -> None:
    leases, watch = FakeLeases(), FakeClock()
    holder, other = lock(leases, "a:1"), lock(leases, "b:2", watch)
    for _ in range(20):
        assert holder.hold() == 1
        assert other.hold() is None
        watch.advance(14)


@pytest.mark.parametrize("hours", [-30, 30])
def test_clocks_that_differ_by_a_day_let_nobody_lead_beside_the_other(hours: int) -> None:
    """Only how much one's own watch went on counts; what the record says of the time is for people."""
    leases, wrong = FakeLeases(), FakeClock()
    wrong.jump(timedelta(hours=hours).total_seconds())
    holder, other = lock(leases, "a:1"), lock(leases, "b:2", wrong)
    assert holder.hold() == 1
    assert other.hold() is None
    wrong.jump(86_400)
    assert other.hold() is None


def test_a_holder_that_asks_for_longer_gets_it() -> None:
    leases, watch = FakeLeases(), FakeClock()
    patient, other = lock(leases, "a:1", seconds=60), lock(leases, "b:2", watch, seconds=15)
    patient.hold()
    other.hold()
    watch.advance(59)
    assert other.hold() is None
    watch.advance(2)
    assert other.hold() == 1


def test_of_two_who_want_it_at_once_the_server_lets_one_have_it() -> None:
    leases = FakeLeases()
    first, second = lock(leases, "a:1"), lock(leases, "b:2")
    leases.before_write = lambda: second.hold()
    assert first.hold() is None
    assert leases.spec["holderIdentity"] == "b:2"


def test_a_replica_that_is_cut_off_leads_no_more_and_takes_a_new_term_when_it_is_back() -> None:
    leases, journal, watch = FakeLeases(), InMemoryJournal(), FakeClock()
    cut_off = Election(lock(leases, "a:1"), journal, "a:1", FakeClock(), 15)
    other = Election(lock(leases, "b:2", watch), journal, "b:2", watch, 15)
    assert cut_off.campaign() is not None
    assert other.campaign() is None
    leases.error = SourceUnavailableError("no answer", where="kubernetes")
    with pytest.raises(SourceUnavailableError):
        cut_off.campaign()
    assert cut_off.term is None
    leases.error = None
    watch.advance(16)
    term = other.campaign()
    assert term is not None
    assert term.epoch == 2
    assert cut_off.campaign() is None


def test_given_up_it_goes_to_the_next_at_once() -> None:
    leases = FakeLeases()
    first, second = lock(leases, "a:1"), lock(leases, "b:2")
    first.hold()
    first.release()
    assert second.hold() == 1
    first.release()
    assert leases.spec["holderIdentity"] == "b:2"


def test_a_lease_that_is_missing_or_closed_is_told_with_the_fix() -> None:
    with pytest.raises(JournalError, match=r"Lease tuning-advisor/lead: is not there .*k8s/overlays/ha"):
        lock(FakeLeases(is_there=False), "a:1").hold()
    leases = FakeLeases()
    leases.error = NotAllowedError("not allowed: leases is forbidden", where="kubernetes")
    with pytest.raises(JournalError, match="let the account get and update it"):
        lock(leases, "a:1").hold()
