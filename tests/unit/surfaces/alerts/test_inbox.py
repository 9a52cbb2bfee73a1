"""Alerts wait once each, bounded, and over a restart."""

import threading

import pytest
from structlog.testing import capture_logs

from advisor.model.errors import JournalError
from advisor.surfaces.alerts.body import read_group
from advisor.surfaces.alerts.deduplication import AnsweredAlerts
from advisor.surfaces.alerts.inbox import Inbox, InboxFullError
from advisor.surfaces.alerts.pending import Pending
from advisor.testing.notebook import InMemoryNotebook
from tests.fakes.alerts import ACounter, a_body, an_alert, an_inbox, group, raw


def shops(*names: str, **changes: object) -> bytes:
    return a_body(*(an_alert({"app": name}) for name in names), **changes)


def test_alertmanager_is_told_to_come_again_and_then_only_the_rest_is_taken() -> None:
    """Two places, three applications: two are taken; once one was looked at, the third fits and the two are known."""
    counter = ACounter()
    inbox = an_inbox(size=2, counter=counter)
    three = read_group(shops("one", "two", "three"))
    with pytest.raises(InboxFullError, match="2 looks wait; 1 of 3 alerts did not fit"):
        inbox.take(three)
    assert counter.outcomes == {("alertmanager", "queued"): 2, ("alertmanager", "full"): 1}
    assert inbox.next() is not None
    receipt = inbox.take(three)
    assert (receipt.queued, receipt.duplicates) == (1, 2)


def test_grafana_which_never_comes_again_is_taken_past_the_bound() -> None:
    inbox = an_inbox(size=1)
    receipt = inbox.take(read_group(shops("one", "two", "three", version="1", orgId=1)))
    assert (receipt.queued, inbox.waiting()) == (3, 3)


def test_more_alerts_of_what_waits_already_fit_into_a_full_inbox() -> None:
    inbox = an_inbox(size=1)
    inbox.take(read_group(shops("one")))
    more = read_group(a_body(*(an_alert({"app": "one", "pod": str(number)}) for number in range(50))))
    assert inbox.take(more).queued == 50
    pending = inbox.next()
    assert pending is not None
    assert (pending.count, len(pending.alerts)) == (51, 10)


def test_what_was_taken_and_not_answered_is_there_after_a_restart() -> None:
    notebook = InMemoryNotebook()
    before = an_inbox(notebook=notebook)
    before.take(group("a11"))
    before.take(read_group(shops("one")))
    taken = before.next()
    assert taken is not None
    after = an_inbox(notebook=notebook)
    after.sync()
    assert after.waiting() == 2
    assert after.next() == taken  # it was taken out, and the process ended before it was answered


def test_what_was_answered_is_not_there_after_a_restart() -> None:
    notebook = InMemoryNotebook()
    before = an_inbox(notebook=notebook)
    before.take(group("a01"))
    pending = before.next()
    assert pending is not None
    before.done(pending)
    after = an_inbox(notebook=notebook)
    after.sync()
    assert after.waiting() == 0


def test_what_came_for_the_same_while_it_was_looked_at_is_looked_at_again() -> None:
    notebook = InMemoryNotebook()
    inbox = an_inbox(notebook=notebook)
    inbox.take(group("a01"))
    pending = inbox.next()
    assert pending is not None
    inbox.take(group("a06"))
    inbox.done(pending)
    inbox.sync()
    assert inbox.next() is not None


def test_what_could_not_be_looked_at_is_new_when_it_is_repeated() -> None:
    inbox = an_inbox()
    inbox.take(group("a01"))
    pending = inbox.next()
    assert pending is not None
    inbox.forget(pending)
    assert inbox.take(group("a04")).queued == 1


def test_of_many_that_cannot_be_read_some_are_named_and_all_are_counted() -> None:
    receipt = an_inbox().take(read_group(a_body(*({"status": "burning"} for _ in range(50)))))
    assert (len(receipt.refused), receipt.more_refused) == (20, 30)


def test_a_password_in_an_alert_is_neither_kept_nor_shown() -> None:
    notebook = InMemoryNotebook()
    inbox = an_inbox(notebook=notebook)
    for number in range(2):
        labels = {"app": "one", "n": f"{number}", "dsn": "postgresql://me:canary@db/shop", "db_password": "canary"}
        inbox.take(read_group(a_body(an_alert(labels, annotations={"Error": "refused: token=canary"}))))
    pending = inbox.next()
    assert pending is not None
    assert len(pending.alerts) == 2
    assert "canary" not in repr(pending)
    assert "canary" not in repr(notebook.entries("alerts"))


def test_an_alert_that_no_rule_is_about_is_named_once_and_counted_always() -> None:
    counter = ACounter()
    inbox = an_inbox(counter=counter)
    with capture_logs() as logs:
        for number in range(3):
            inbox.take(read_group(a_body(an_alert({"alertname": "DiskFull", "n": f"{number}"}))))
    assert [one["names"] for one in logs if one["event"] == "alerts_not_matched"] == ["DiskFull"]
    assert counter.outcomes == {("alertmanager", "unmatched"): 3}
    assert inbox.waiting() == 0


def test_a_follower_hands_over_and_forgets_what_the_leader_has_answered() -> None:
    notebook = InMemoryNotebook()
    follower, leader = an_inbox(notebook=notebook), an_inbox(notebook=notebook)
    follower.take(group("a01"))
    leader.sync()
    pending = leader.next()
    assert pending is not None
    leader.done(pending)
    follower.sync()
    assert follower.waiting() == 0


def test_without_a_journal_alerts_wait_in_memory() -> None:
    notebook = InMemoryNotebook()
    notebook.down = True
    inbox = an_inbox(notebook=notebook)
    assert inbox.take(group("a01")).queued == 1
    inbox.sync()
    pending = inbox.next()
    assert pending is not None
    inbox.done(pending)


def test_an_entry_of_another_version_is_left_alone() -> None:
    notebook = InMemoryNotebook()
    notebook.write("alerts", "waiting/old", '{"shape": "of another version"}')
    inbox = an_inbox(notebook=notebook)
    inbox.sync()
    assert inbox.next() is None


def test_whoever_waits_is_woken_by_an_alert() -> None:
    inbox = an_inbox()
    woken: list[bool] = []
    waiter = threading.Thread(target=lambda: woken.append(inbox.wait(60)))
    waiter.start()
    inbox.take(group("a01"))
    waiter.join(60)
    assert woken == [True]


def test_a_burst_of_ten_thousand_is_a_few_looks() -> None:
    """10,000 alerts of ten applications: ten looks, each with ten alerts and the number of the others."""
    inbox = an_inbox(size=20)
    bursts = [
        read_group(a_body(*(an_alert({"app": f"app{n % 10}", "pod": f"{n}"}) for n in range(start, start + 500))))
        for start in range(0, 10_000, 500)
    ]
    for burst in bursts:
        assert inbox.take(burst).queued == 500
    assert inbox.waiting() == 10
    assert inbox.take(bursts[0]).duplicates == 500
    found = drained(inbox)
    assert sum(pending.count for pending in found) == 10_000
    assert {len(pending.alerts) for pending in found} == {10}


def drained(inbox: Inbox) -> list[Pending]:
    found = []
    while (pending := inbox.next()) is not None:
        found.append(pending)
    return found


def answered(notebook: InMemoryNotebook, *bodies: bytes) -> None:
    """A process that took these and answered all of them."""
    inbox = an_inbox(notebook=notebook)
    for body in bodies:
        inbox.take(read_group(body))
    for pending in drained(inbox):
        inbox.done(pending)


def test_what_was_answered_before_a_restart_is_a_duplicate_after_it() -> None:
    notebook = InMemoryNotebook()
    pods = a_body(*(an_alert({"pod": str(number)}) for number in range(30)))
    answered(notebook, raw("a01"), pods)
    after = an_inbox(notebook=notebook)
    after.sync()
    receipts = [after.take(read_group(body)) for body in (raw("a04"), pods)]
    assert [(one.queued, one.duplicates) for one in receipts] == [(0, 1), (0, 30)]
    assert after.take(group("a06")).queued == 1  # it fired anew


def test_a_repeated_alert_costs_no_write() -> None:
    class Counting(InMemoryNotebook):
        writes = 0

        def write(self, surface: str, key: str, text: str) -> None:
            self.writes += 1
            super().write(surface, key, text)

    notebook = Counting()
    answered(notebook, raw("a01"))
    inbox = an_inbox(notebook=notebook)
    inbox.sync()
    before = notebook.writes
    for _ in range(10):
        assert inbox.take(group("a01")).duplicates == 1
    assert notebook.writes == before


def test_what_is_remembered_over_a_restart_is_bounded_and_the_oldest_go() -> None:
    """128 notes of 200 keys: of 30,000 the last 25,600 stay."""
    notebook = InMemoryNotebook()
    known = AnsweredAlerts(notebook)
    keys = [f"{number:016x}" for number in range(30_000)]
    for start in range(0, 30_000, 150):
        known.add(keys[start : start + 150])
    assert list(AnsweredAlerts(notebook).keys()) == keys[-25_600:]
    assert max(len(text) for _, text in notebook.entries("alerts")) < 4_000


def test_what_waits_when_the_process_ends_is_not_counted_twice_when_it_is_repeated() -> None:
    notebook = InMemoryNotebook()
    an_inbox(notebook=notebook).take(group("a01"))
    after = an_inbox(notebook=notebook)
    after.sync()
    assert after.take(group("a04")).duplicates == 1
    pending = after.next()
    assert pending is not None
    assert pending.count == 1


def test_an_alert_without_a_known_start_that_ended_may_fire_again() -> None:
    """Nothing but its status tells its second firing from its first."""
    fires = a_body(an_alert(startsAt="0001-01-01T00:00:00Z"))
    ends = a_body(an_alert(startsAt="0001-01-01T00:00:00Z", status="resolved"))
    inbox = an_inbox()
    assert [inbox.take(read_group(body)).duplicates for body in (fires, fires, ends, ends, fires)] == [0, 1, 0, 1, 0]


def test_a_full_disk_answers_the_same_alert_once() -> None:
    """Reading goes on where nothing can be written: what could not be dropped is no new alert."""
    full = threading.Event()

    class Disk(InMemoryNotebook):
        def write(self, surface: str, key: str, text: str) -> None:
            self.drop(surface, "")
            super().write(surface, key, text)

        def drop(self, surface: str, key: str) -> None:
            if full.is_set():
                raise JournalError("database or disk is full")
            super().drop(surface, key)

    notebook = Disk()
    inbox = an_inbox(notebook=notebook)
    inbox.take(group("a01"))
    full.set()
    (pending,) = drained(inbox)
    inbox.done(pending)
    inbox.sync()
    assert inbox.waiting() == 0
    full.clear()
    inbox.sync()
    assert notebook.entries("alerts", "waiting/") == []


def test_all_alerts_of_a_look_that_failed_are_new_again_not_only_those_that_are_shown() -> None:
    inbox = an_inbox()
    pods = [an_alert({"pod": str(number)}) for number in range(30)]
    inbox.take(read_group(a_body(*pods)))
    (pending,) = drained(inbox)
    inbox.forget(pending)
    inbox.done(pending)
    assert inbox.take(read_group(a_body(*pods[20:]))).queued == 10


def test_what_a_follower_took_is_new_again_where_the_leaders_look_failed() -> None:
    notebook = InMemoryNotebook()
    follower, leader = an_inbox(notebook=notebook), an_inbox(notebook=notebook)
    follower.take(group("a01"))
    leader.sync()
    (pending,) = drained(leader)
    leader.forget(pending)
    leader.done(pending)
    follower.sync()
    assert (follower.waiting(), follower.take(group("a04")).queued) == (0, 1)


def test_a_slow_journal_holds_up_nobody_who_sends() -> None:
    """The worker drops what was answered; whoever sends meanwhile is answered all the same."""
    begun, gate = threading.Event(), threading.Event()

    class Slow(InMemoryNotebook):
        def drop(self, surface: str, key: str) -> None:
            begun.set()
            assert gate.wait(60)
            super().drop(surface, key)

    inbox = an_inbox(notebook=Slow())
    inbox.take(group("a01"))
    (pending,) = drained(inbox)
    worker = threading.Thread(target=inbox.done, args=(pending,))
    worker.start()
    assert begun.wait(60)
    taken = threading.Thread(target=inbox.take, args=(group("a06"),))
    taken.start()
    taken.join(30)
    is_answered = not taken.is_alive()
    gate.set()
    worker.join(60)
    assert is_answered
    inbox.sync()
    assert inbox.waiting() == 1  # it came for the same task, and its note was not dropped with the other's


def test_an_alert_that_still_has_no_data_is_told_each_time_it_is_repeated() -> None:
    told: list[str] = []
    inbox = an_inbox(still_without_data=lambda task: told.append(task.name))
    for _ in range(3):
        inbox.take(group("a16"))
    assert told == ["PoolWaitHigh"] * 2
