"""When a person must approve, and what may be earned or lost."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from advisor.engine.decide.choose import decide
from advisor.engine.decide.context import DecisionContext
from advisor.model.change import ChangeRecord
from advisor.model.database.workload import Activity, DatabaseState, Table
from advisor.model.knob import knob_target
from advisor.model.proposal import Proposal
from advisor.model.report import Choice
from advisor.model.signal import Measured, signal
from advisor.model.snapshot import Snapshot
from advisor.settings.policy import BlastRadius, KnobPolicy, Permission, PolicySettings
from advisor.settings.trust import AutonomySettings
from advisor.testing.words import NOON, a_proposal
from tests.fakes.past import kept, rolled_back

INDEX = a_proposal(
    target=knob_target("postgres.index", database="main", schema="public", table="orders", index="adv_orders_user"),
    current=None,
    proposed="CREATE INDEX ...",
)


def choose(
    proposal: Proposal,
    permission: Permission,
    *,
    history: Sequence[ChangeRecord] = (),
    snapshot: Snapshot | None = None,
    **policy: Any,
) -> Choice:
    knobs = {proposal.target.knob: KnobPolicy(permission=permission)}
    settings = PolicySettings(knobs=knobs, **policy)
    return decide(
        [proposal], DecisionContext(policy=settings, history=history, pause=None, now=NOON, snapshot=snapshot)
    )


def instances(count: int) -> Snapshot:
    keys = [signal("knob.value", app="shop", instance=f"shop-{n}", knob="db.pool_size") for n in range(count)]
    readings: Mapping[Any, Any] = {key: Measured(value=5, at=NOON) for key in keys}
    return Snapshot(taken_at=NOON, window_seconds=300, signals=readings)


def orders_of(size_bytes: int) -> Snapshot:
    table = Table(
        schema="public",
        name="orders",
        rows=1e6,
        size_bytes=size_bytes,
        sequential_scans=1,
        sequential_rows_read=1,
        index_scans=0,
        rows_inserted=0,
        rows_updated=0,
        rows_deleted=0,
    )
    look = DatabaseState(
        name="main",
        taken_at=NOON,
        window_seconds=300,
        is_first_look=False,
        server_version=180000,
        is_in_recovery=False,
        max_connections=100,
        reserved_connections=3,
        has_statements=True,
        has_hypopg=False,
        statements=(),
        tables=(table,),
        indexes=(),
        activity=Activity(
            total=1,
            active=1,
            idle_in_transaction=0,
            longest_idle_in_transaction_seconds=0,
            longest_query_seconds=0,
        ),
    )
    return Snapshot(taken_at=NOON, window_seconds=300, databases={"main": look})


@pytest.mark.parametrize(
    ("snapshot", "asks", "said"),
    [
        (instances(3), False, ""),
        (instances(4), True, "it reaches 4 instances, more than 3"),
        (None, True, "how many instances it reaches is not known"),
    ],
)
def test_what_reaches_many_instances_asks_a_person_though_it_is_automatic(
    snapshot: Snapshot | None, asks: bool, said: str
) -> None:
    radius = BlastRadius(largest_instances=3)
    choice = choose(a_proposal(), Permission.AUTOMATIC, snapshot=snapshot, blast_radius=radius)
    assert choice.needs_approval is asks
    assert said in choice.reason


@pytest.mark.parametrize(
    ("snapshot", "asks", "said"),
    [
        (orders_of(10_000_000_000), False, ""),
        (orders_of(12_000_000_000), True, "its table has 12 GB, more than 10 GB"),
        (instances(1), True, "how large its table is is not known"),
    ],
)
def test_an_index_on_a_large_table_asks_a_person(snapshot: Snapshot, asks: bool, said: str) -> None:
    radius = BlastRadius(largest_table_bytes="10GB", largest_instances=1)
    choice = choose(INDEX, Permission.AUTOMATIC, snapshot=snapshot, blast_radius=radius)
    assert choice.needs_approval is asks
    assert said in choice.reason


def test_a_model_that_is_wrong_too_often_loses_the_right_to_automatic_changes() -> None:
    wrong = [kept(after=0.1)] * 3  # 0.001 to 0.02 was predicted
    choice = choose(a_proposal(), Permission.AUTOMATIC, history=[*wrong, kept(), kept()])
    assert choice.needs_approval  # 2 of 5 is 40%, 50% is asked
    assert "model erlang-c was right in 2 of 5 changes" in choice.reason


def test_a_model_is_not_judged_by_too_few_nor_distrusted_at_the_bound() -> None:
    four_wrong = [kept(after=0.1)] * 4
    assert not choose(a_proposal(), Permission.AUTOMATIC, history=four_wrong).needs_approval
    half = [*[kept(after=0.1)] * 3, *[kept()] * 3]
    assert not choose(a_proposal(), Permission.AUTOMATIC, history=half).needs_approval


def test_experience_moves_no_permission_unless_the_settings_say_so() -> None:
    assert choose(a_proposal(), Permission.APPROVE, history=[kept()] * 20).needs_approval
    other = [rolled_back(after=0.01, proposal=a_proposal(current=1))] * 20
    assert not choose(a_proposal(), Permission.AUTOMATIC, history=other).needs_approval


def test_a_good_record_earns_automatic_and_says_so() -> None:
    raised = AutonomySettings(may_raise=True)
    choice = choose(a_proposal(), Permission.APPROVE, history=[kept()] * 5, autonomy=raised)
    assert not choice.needs_approval
    assert "earned: db.pool_size was kept in 5 of 5 changes, with a prediction error of 0%" in choice.reason


@pytest.mark.parametrize(
    "history",
    [
        [kept()] * 4,  # too few
        [*[kept()] * 5, rolled_back(proposal=a_proposal(current=1))],  # 5 of 6 is 83%, 90% is asked
        [kept(after=0.21)] * 5,  # kept, but with less than half of the predicted effect
    ],
)
def test_a_short_a_mixed_or_an_unforeseen_record_earns_nothing(history: list[ChangeRecord]) -> None:
    raised = AutonomySettings(may_raise=True)
    assert choose(a_proposal(), Permission.APPROVE, history=history, autonomy=raised).needs_approval


def test_a_bad_record_loses_automatic_and_says_so() -> None:
    bad = [*[rolled_back(after=0.01, proposal=a_proposal(current=1))] * 3, kept(), kept()]
    choice = choose(a_proposal(), Permission.AUTOMATIC, history=bad, autonomy=AutonomySettings(may_lower=True))
    assert choice.needs_approval
    assert "db.pool_size was kept in 2 of 5 changes" in choice.reason


def test_what_is_earned_never_outweighs_the_blast_radius_or_a_missing_watch() -> None:
    raised = AutonomySettings(may_raise=True)
    far = choose(
        a_proposal(),
        Permission.APPROVE,
        history=[kept()] * 5,
        snapshot=instances(9),
        autonomy=raised,
        blast_radius=BlastRadius(largest_instances=3),
    )
    assert far.needs_approval
    assert choose(a_proposal(app=""), Permission.APPROVE, history=[kept()] * 5, autonomy=raised).needs_approval


def test_never_stays_never_whatever_was_earned() -> None:
    choice = choose(a_proposal(), Permission.NEVER, history=[kept()] * 50, autonomy=AutonomySettings(may_raise=True))
    assert choice.proposal is None


def test_a_doubt_that_a_rule_could_not_rule_out_asks_a_person_whatever_the_knob_has_earned() -> None:
    doubtful = a_proposal(doubts=("a leak is not ruled out",))
    choice = choose(doubtful, Permission.AUTOMATIC)
    assert choice.needs_approval
    assert "a leak is not ruled out" in choice.reason
    assert not choose(a_proposal(), Permission.AUTOMATIC).needs_approval
