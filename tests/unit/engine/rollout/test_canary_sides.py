"""A canary whose instances come, go and are replaced, and one that may not go on: what is never judged or widened."""

from datetime import timedelta

import pytest

from advisor.engine.cycle import advance
from advisor.engine.rollout.canary_sides import broken, next_split
from advisor.model.calendar import Freeze
from advisor.model.change import ChangeRecord, Stage, State
from advisor.model.cohort import Instance, place
from advisor.model.errors import AdvisorError, BadDataError, SourceUnavailableError
from advisor.settings.canary import CanarySettings
from advisor.settings.policy import KnobPolicy, Permission
from tests.fakes.fleet import Fleet


@pytest.fixture
def fleet() -> Fleet:
    return Fleet()


def on_trial(fleet: Fleet) -> tuple[ChangeRecord, Stage]:
    record = fleet.brought_to(State.TRIAL)
    assert record.stage is not None
    return record, record.stage


def without(fleet: Fleet, services: tuple[str, ...]) -> None:
    """These instances are gone."""
    left = [number for number, name in enumerate(fleet.knob.names) if f"{name}:80" not in services]
    fleet.knob.live = [fleet.knob.live[number] for number in left]
    fleet.knob.names = [fleet.knob.names[number] for number in left]


@pytest.mark.parametrize(("side", "what"), [("taking", "take the value"), ("keeping", "keep the old one")])
def test_a_side_that_is_gone_altogether_ends_the_canary(fleet: Fleet, side: str, what: str) -> None:
    """Without a control the guardrails are blind, and without a canary there is nothing to see."""
    _, stage = on_trial(fleet)
    without(fleet, getattr(stage, side))
    back = fleet.cycle()
    assert back.state in (State.ROLLING_BACK, State.ROLLED_BACK)
    assert any(f"none of the instances that {what} is left" in phase.reason for phase in back.phases)
    assert fleet.until_closed().state is State.ROLLED_BACK
    assert set(fleet.knob.live) == {5}


def test_one_of_several_that_is_gone_does_not(fleet: Fleet) -> None:
    _, stage = on_trial(fleet)
    without(fleet, stage.keeping[:1])
    assert fleet.cycle().state is State.TRIAL
    assert fleet.until_closed().state is State.KEPT


def test_a_new_instance_belongs_to_no_side_and_gets_the_value_in_its_turn(fleet: Fleet) -> None:
    on_trial(fleet)
    fleet.knob.names.append("shop-6")
    fleet.knob.live.append(5)
    fleet.knob.takers = 7
    fleet.knob.settle()
    kept = fleet.until_closed()
    assert (kept.state, fleet.knob.live) == (State.KEPT, [12] * 7)


def test_a_process_that_comes_back_under_a_name_of_the_other_side_ends_the_canary() -> None:
    """The label `instance` is the old one, the name is not: what it shows now is no evidence for its side."""
    names = sorted((f"host:{pid}" for pid in range(9)), key=place)
    low, high, above = names[0], names[4], names[8]
    cohort = (place(low) + place(high)) / 2
    stage = Stage(cohorts=(cohort,), taking=("a:80",), keeping=("b:80",))
    fine = [Instance(name=low, scraped="a:80"), Instance(name=high, scraped="b:80")]
    assert broken(stage, fine) == ""
    assert broken(stage, [*fine, Instance(name=above, scraped="c:80")]) == ""
    strayed = [Instance(name=above, scraped="a:80"), Instance(name=high, scraped="b:80")]
    assert broken(stage, strayed) == "replaced by a process of the other side: a:80"
    contaminated = [Instance(name=low, scraped="a:80"), Instance(name=low, scraped="b:80")]
    assert broken(stage, contaminated) == "replaced by a process of the other side: b:80"


def test_a_share_is_one_stage_however_many_instances_come_after_it() -> None:
    """A third of 3 is 1; a third of 30 is 10, among them 9 new ones: not a second stage of a third."""
    settings = CanarySettings(shares=(0.34,))
    few = [Instance(name=f"shop-{number}", scraped=f"{number}:80") for number in range(3)]
    many = [Instance(name=f"shop-{number}", scraped=f"{number}:80") for number in range(30)]
    first = next_split(few, 0.0, settings)
    assert first is not None
    assert next_split(many, min(first.cohort, 0.1), settings) is not None
    assert next_split(many, min(first.cohort, 0.1), settings, stages_before=1) is None


@pytest.mark.parametrize("error", [SourceUnavailableError("refused", where="prometheus"), BadDataError("a string")])
def test_instances_that_cannot_be_read_hold_the_next_stage_back_and_the_value_alive(
    fleet: Fleet, error: AdvisorError
) -> None:
    record, _ = on_trial(fleet)
    fleet.knob.unlisted = error
    for _ in range(200):  # 50 minutes, far beyond the first window
        fleet.cycle()
    assert fleet.latest().state is State.TRIAL
    assert fleet.taken() == 2
    fleet.knob.unlisted = None
    kept = fleet.until_closed()
    assert kept.state is State.KEPT
    assert record.id == kept.id


def test_a_knob_that_is_forbidden_by_now_is_not_widened_but_put_back(fleet: Fleet) -> None:
    on_trial(fleet)
    fleet.with_policy(knobs={"db.pool_size": KnobPolicy(permission=Permission.NEVER)})
    most = 0
    while fleet.latest().is_open:
        fleet.cycle()
        most = max(most, fleet.taken())
    assert (fleet.latest().state, most) == (State.ROLLED_BACK, 2)


def frozen_until_later(fleet: Fleet) -> None:
    """For longer than a trial may take: 120 s + 3600 s + 900 s are 77 minutes."""
    start = fleet.clock.now()
    dates = Freeze(text="now", start=start, end=start + timedelta(minutes=100))
    fleet.with_policy(freezes=(dates,))


def test_a_freeze_holds_the_next_stage_back_and_keeps_the_canary_alive(fleet: Fleet) -> None:
    on_trial(fleet)
    frozen_until_later(fleet)
    for _ in range(130):  # of 45 s each: 97 minutes
        fleet.cycle(45)
        assert fleet.taken() == 2
    assert fleet.latest().state is State.TRIAL
    assert fleet.until_closed().state is State.KEPT


def test_requests_that_fail_while_the_next_stage_waits_still_end_it(fleet: Fleet) -> None:
    on_trial(fleet)
    frozen_until_later(fleet)
    while fleet.latest().verdict is None:
        fleet.cycle()
    assert fleet.latest().state is State.TRIAL
    late = fleet.clock.now()
    fleet.errors = lambda number, at: 0.3 if fleet.value(number) == 12 and at > late else 0.01
    back = fleet.until_closed()
    assert (back.state, fleet.knob.live) == (State.ROLLED_BACK, [5] * 6)
    assert fleet.clock.now() < fleet.rollout.policy.freezes[0].end
    assert any("http.error_ratio" in phase.reason for phase in back.phases[-2:])


def test_a_canary_that_is_not_in_force_as_ordered_is_not_widened(fleet: Fleet) -> None:
    """One that should keep the old value shows a third one, which nobody here ordered."""
    _, stage = on_trial(fleet)
    odd = fleet.knob.names.index(stage.keeping[0].removesuffix(":80"))
    fleet.knob.live[odd] = 7
    most = 0
    while fleet.latest().is_open:
        fleet.cycle()
        most = max(most, fleet.taken())
    assert (fleet.latest().state, most) == (State.ROLLED_BACK, 2)
    assert set(fleet.knob.live) == {5}


def test_a_gap_in_one_side_is_waited_for_and_never_a_reason_to_change_all_at_once(fleet: Fleet) -> None:
    fleet.choose()
    fleet.samples.instance_step = timedelta(seconds=400)  # 3 points in 15 minutes; 4 are needed
    for _ in range(5):
        fleet.cycle()
    assert (fleet.latest().state, fleet.taken()) == (State.APPROVED, 0)
    fleet.samples.instance_step = None
    assert fleet.cycle().state is State.TRIAL
    assert fleet.taken() == 2


def test_where_a_canary_is_required_nothing_is_changed_without_one() -> None:
    fleet = Fleet(required=True)
    fleet.samples.by_instance = None
    fleet.choose()
    advance(fleet.rollout)
    assert (fleet.latest().state, fleet.knob.live) == (State.APPROVED, [5] * 6)


def test_instances_that_cannot_be_read_at_the_start_are_waited_for(fleet: Fleet) -> None:
    fleet.choose()
    fleet.knob.unlisted = SourceUnavailableError("refused", where="prometheus")
    assert fleet.cycle().state is State.APPROVED
    fleet.knob.unlisted = None
    assert fleet.cycle().state is State.TRIAL
