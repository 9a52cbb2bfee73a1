"""The whole walk on doubles: one change at a time, from finding to verdict; pauses, modes, faults, and who leads."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from advisor.engine.cycle import Cycle
from advisor.engine.observe import Observer, SourceSlot
from advisor.model.alert import Focus
from advisor.model.change import State
from advisor.model.errors import JournalError, SourceUnavailableError
from advisor.model.finding import Finding
from advisor.model.knob import knob_target
from advisor.model.report import Diagnosis
from advisor.model.snapshot import Observation, SourceStatus
from advisor.ports.rule import Rule
from advisor.settings.policy import KnobPolicy, Mode, Permission, PolicySettings
from advisor.testing.rules import a_context, a_rule
from advisor.testing.source import FakeCountingSource, FakeSource
from advisor.testing.words import WAIT, a_finding, a_proposal
from tests.fakes.harness import RolloutHarness, noisy

TTL = a_proposal(rule="low-cache-hit-rate", target=knob_target("cache.l2.ttl", app="shop"), gain_seconds_per_second=0.2)
AUTOMATIC = PolicySettings(
    knobs={name: KnobPolicy(permission=Permission.AUTOMATIC) for name in ("db.pool_size", "cache.l2.ttl")}
)
WINDOW_SECONDS = 300.0


class Walk:
    """An harness, one source, two rules that always find the same, and the cycle over them."""

    def __init__(self) -> None:
        self.harness = RolloutHarness()
        self.harness.rollout = replace(self.harness.rollout, policy=AUTOMATIC)
        self.source = FakeSource("prometheus", Observation())
        slots = [SourceSlot(name="prometheus", source=self.source), SourceSlot(name="redis:main", source=None)]
        self.observer = Observer(slots=slots, clock=self.harness.clock)
        self.rules: tuple[Rule, ...] = (
            a_rule("pool-exhaustion", finds=[a_finding()], proposes=[a_proposal()]),
            a_rule("low-cache-hit-rate", finds=[_cache_finding()], proposes=[TTL]),
        )
        self.epoch = 1
        self.started = self.harness.clock.monotonic()
        self.harness.clock.advance(WINDOW_SECONDS)

    def run(self, seconds: float = 0.0) -> Diagnosis:
        self.harness.clock.advance(seconds)
        return self.cycle().run(self.epoch)

    def cycle(self) -> Cycle:
        return Cycle(
            observer=self.observer,
            rules=self.rules,
            context=a_context(),
            rollout=self.harness.rollout,
            window_seconds=WINDOW_SECONDS,
            started=self.started,
        )

    def until(self, state: State) -> None:
        for _ in range(300):
            if self.harness.latest().state is state:
                return
            self.run(seconds=15)
        raise AssertionError(f"never {state}: {self.harness.latest().phases}")


def _cache_finding() -> Finding:
    return a_finding(rule="low-cache-hit-rate", key="shop/l2", waste_seconds_per_second=0.2)


def chosen(diagnosis: Diagnosis) -> str:
    """The rule whose proposal was chosen."""
    return diagnosis.choice.proposal.rule if diagnosis.choice.proposal is not None else ""


@pytest.fixture
def walk() -> Iterator[Walk]:
    built = Walk()
    yield built
    built.observer.close()


def test_from_finding_to_a_kept_change(walk: Walk) -> None:
    diagnosis = walk.run()
    assert [proposal.rule for proposal in diagnosis.proposals] == ["pool-exhaustion", "low-cache-hit-rate"]
    assert diagnosis.choice.proposal == diagnosis.proposals[0]
    walk.until(State.KEPT)
    assert walk.harness.knob.live == [12]
    states = [phase.state for phase in walk.harness.latest().phases]
    assert states == [State.PROPOSED, State.APPROVED, State.APPLYING, State.TRIAL, State.KEPT]
    assert walk.harness.listener.states == states[1:]  # proposed and approved in one step


def test_every_stage_is_timed_in_reading_order(walk: Walk) -> None:
    walk.run()
    assert walk.harness.meter.stages == ["observe", "advance", "diagnose", "propose", "decide", "apply"]


def test_nothing_new_is_begun_while_a_change_is_open(walk: Walk) -> None:
    walk.run()
    for _ in range(20):
        diagnosis = walk.run(seconds=15)
        assert diagnosis.choice.proposal is None
        assert "one at a time" in diagnosis.choice.reason
    assert len(walk.harness.journal.history("default")) == 1


def test_the_next_best_follows_once_the_first_has_settled(walk: Walk) -> None:
    walk.run()
    walk.until(State.KEPT)
    assert "settling" in walk.run(seconds=15).choice.reason
    assert chosen(walk.run(seconds=60)) == "low-cache-hit-rate"


def test_a_first_look_is_never_acted_on(walk: Walk) -> None:
    walk.started = walk.harness.clock.monotonic()
    assert "measure first" in walk.run().choice.reason
    assert walk.harness.journal.history("default") == []


@pytest.mark.parametrize("mode", [Mode.OBSERVE, Mode.PROPOSE])
def test_a_mode_that_only_talks_journals_nothing(walk: Walk, mode: Mode) -> None:
    walk.harness.rollout = replace(walk.harness.rollout, mode=mode)
    assert chosen(walk.run()) == "pool-exhaustion"
    assert walk.harness.journal.history("default") == []


def test_a_mode_taken_back_rolls_the_open_trial_back(walk: Walk) -> None:
    walk.run()
    walk.until(State.TRIAL)
    walk.harness.rollout = replace(walk.harness.rollout, mode=Mode.PROPOSE)
    walk.run(seconds=15)
    assert walk.harness.latest().state is State.ROLLED_BACK
    assert walk.harness.knob.live == [5]


def test_another_one_leads_this_one_looks_and_advises(walk: Walk) -> None:
    walk.run()
    before = walk.harness.latest()
    walk.epoch = 0
    diagnosis = walk.run(seconds=15)
    assert walk.harness.latest() == before
    assert walk.harness.knob.written() == []
    assert diagnosis.findings
    assert walk.harness.meter.diagnoses[-1] is diagnosis


def test_a_pause_begins_nothing_and_puts_a_trial_back(walk: Walk) -> None:
    walk.run()
    walk.until(State.TRIAL)
    walk.harness.journal.pause("release", walk.harness.clock.now(), freeze=False)
    walk.run(seconds=15)
    assert walk.harness.latest().state is State.ROLLED_BACK
    walk.run(seconds=100_000)
    assert len(walk.harness.journal.history("default")) == 1


def test_a_freeze_writes_nothing_at_all(walk: Walk) -> None:
    walk.run()
    walk.until(State.TRIAL)
    walk.harness.journal.pause("audit", walk.harness.clock.now(), freeze=True)
    writes, before = walk.harness.knob.written(), walk.harness.latest()
    for _ in range(10):
        walk.run(seconds=15)
    assert (walk.harness.knob.written(), walk.harness.latest()) == (writes, before)
    walk.harness.journal.resume()
    walk.run(seconds=15)
    assert walk.harness.latest().state is State.ROLLED_BACK
    assert walk.harness.knob.live == [5]  # the switch had fired: nobody renewed it for the 60 s it was held


def test_without_the_journal_nothing_is_changed_and_looking_goes_on(walk: Walk) -> None:
    """F20."""
    walk.harness.journal.down = True
    with pytest.raises(JournalError, match="connection refused"):
        walk.run()
    seen = walk.harness.meter.diagnoses[-1]
    assert len(seen.findings) == 2
    assert "no journal, no change" in seen.choice.reason
    assert walk.harness.knob.written() == []


def test_without_the_journal_in_a_trial_the_value_falls_back_by_itself(walk: Walk) -> None:
    walk.run()
    walk.until(State.TRIAL)
    walk.harness.journal.down = True
    for _ in range(5):
        with pytest.raises(JournalError):
            walk.run(seconds=15)
    walk.harness.journal.down = False
    walk.run()
    assert walk.harness.latest().state is State.ROLLED_BACK
    assert walk.harness.knob.live == [5]


def test_a_dead_source_proposes_nothing_and_is_named(walk: Walk) -> None:
    """F10, before a change: the rule's need is not met."""
    walk.source.answer = SourceUnavailableError("connection refused", where="prometheus")
    walk.rules = (a_rule("pool-exhaustion", needs=("pool.size",), finds=[a_finding()], proposes=[a_proposal()]),)
    diagnosis = walk.run()
    assert diagnosis.snapshot.sources[0].status is SourceStatus.UNAVAILABLE
    assert (diagnosis.findings, diagnosis.proposals) == ((), ())
    assert walk.harness.journal.history("default") == []


def test_a_rolled_back_change_is_not_tried_again_on_the_same_evidence(walk: Walk) -> None:
    walk.harness.samples.functions[WAIT] = lambda at: noisy(at, 0.1)
    walk.rules = walk.rules[:1]
    walk.run()
    walk.until(State.ROLLED_BACK)
    for _ in range(10):
        assert walk.run(seconds=86_400).choice.proposal is None
    assert len(walk.harness.journal.history("default")) == 1


def test_a_targeted_look_asks_only_its_rules_and_changes_nothing(walk: Walk) -> None:
    look = walk.cycle().look(Focus(rules=frozenset({"low-cache-hit-rate"})))
    assert [proposal.rule for proposal in look.diagnosis.proposals] == ["low-cache-hit-rate"]
    assert look.diagnosis.choice.proposal is None
    assert walk.harness.journal.open_change("default") is None
    assert walk.harness.meter.diagnoses == []


def test_a_targeted_look_leaves_what_the_regular_ones_count_from_alone(walk: Walk) -> None:
    counting = FakeCountingSource("redis:main")
    walk.observer = Observer(slots=[SourceSlot(name="redis:main", source=counting)], clock=walk.harness.clock)
    walk.run()
    walk.cycle().look(Focus(rules=frozenset({"low-cache-hit-rate"})))
    assert (counting.reads, counting.glances) == (1, 1)


def test_the_end_of_an_alert_is_noted_on_the_change_that_came_of_it_and_on_no_other(walk: Walk) -> None:
    walk.run()
    walk.until(State.TRIAL)
    ours = Focus(rules=frozenset({"pool-exhaustion"}), applications=("shop",))
    others = Focus(rules=frozenset({"pool-exhaustion"}), applications=("crane",))
    assert walk.cycle().note(walk.epoch, others, "the alert has ended") is None
    assert walk.cycle().note(0, ours, "a follower writes nothing") is None
    noted = walk.cycle().note(walk.epoch, ours, "the alert has ended")
    assert noted is not None
    assert (noted.state, noted.phases[-1].reason) == (State.TRIAL, "the alert has ended")
    assert walk.harness.listener.notes[-1] == "the alert has ended"
    walk.until(State.KEPT)
