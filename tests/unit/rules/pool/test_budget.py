"""What max_connections leaves for one pool."""

from collections.abc import Sequence

import pytest

from advisor.model.finding import Finding
from advisor.model.proposal import Proposal, Risk
from advisor.model.signal import Missing
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import RuleContext
from advisor.settings.applications import ApplicationSettings
from advisor.testing.asking import finding_of, proposals_of, the_proposal_of
from advisor.testing.snapshots import (
    a_calm_pool,
    a_checkout,
    a_context,
    a_database_state,
    a_snapshot,
    an_exhausted_pool,
)
from advisor_rules.pool.pool_exhaustion import POOL_EXHAUSTION

CALLERS_WAIT = a_snapshot(an_exhausted_pool(), a_checkout(0.3), databases=[a_database_state()])


def found(snapshot: Snapshot, context: RuleContext | None = None) -> Finding | None:
    return finding_of(POOL_EXHAUSTION, snapshot, context or a_context())


def proposed(snapshot: Snapshot, context: RuleContext | None = None) -> Sequence[Proposal]:
    return proposals_of(POOL_EXHAUSTION, snapshot, context or a_context())


def the_proposal(snapshot: Snapshot, context: RuleContext | None = None) -> Proposal:
    return the_proposal_of(POOL_EXHAUSTION, snapshot, context or a_context())


def an_app(name: str, **settings: object) -> ApplicationSettings:
    return ApplicationSettings.model_validate({"name": name, "database": "main", **settings})


def test_max_connections_bounds_every_process_of_a_rolling_release() -> None:
    # 44 - 3 reserved - 10 kept free - (28 - 8) of others = 11. Two hosts and, in a release, a third: 11 / 3 = 3 each,
    # and 4 are open now.
    look = a_database_state(max_connections=44)
    finding = found(a_snapshot(an_exhausted_pool(), a_checkout(0.3), databases=[look]))
    assert finding is not None
    assert "it is not enlarged" in finding.cause
    assert "max_connections 44 leaves 11 beside reserved ones and everybody else's, 3 for each of 3" in finding.cause
    assert not proposed(a_snapshot(an_exhausted_pool(), a_checkout(0.3), databases=[look]))


def test_a_pool_grows_as_far_as_max_connections_lets_it() -> None:
    # 51 - 3 - 10 - 20 = 18; 18 / 3 = 6 for each process, of which 1 is its overflow.
    pool = an_exhausted_pool(max_overflow=1)
    proposal = the_proposal(a_snapshot(pool, a_checkout(0.3), databases=[a_database_state(max_connections=51)]))
    assert proposal.proposed == 5
    assert "6 for each of 3 processes, a rolling release included" in proposal.rationale


def test_a_release_adds_a_whole_host_with_all_its_workers() -> None:
    # One host with four workers; a release adds a quarter of a host, rounded up: eight processes, not five.
    # 100 - 3 - 10 - 20 = 67; 67 / 8 = 8.
    pool = an_exhausted_pool(instances=4, replicas=1, hold_mean_seconds=0.4)  # 25/s x 0.4 s = 10 busy
    proposal = the_proposal(a_snapshot(pool, a_checkout(0.3), databases=[a_database_state()]))
    assert proposal.proposed == 8
    assert "8 for each of 8 processes" in proposal.rationale


def test_replicas_that_are_configured_and_down_now_keep_their_share() -> None:
    # Six hosts of one process, two of them seen; with a release 6 + 2 = 8 processes; 67 / 8 = 8, and 8 is wanted.
    # With ten, 10 + 3 = 13; 67 / 13 = 5.
    for replicas, size in ((6, 8), (10, 5)):
        configured = a_context(applications=[an_app("shop", replicas=replicas)])
        assert the_proposal(CALLERS_WAIT, configured).proposed == size


def test_another_pool_of_the_same_database_counts_as_if_it_were_full() -> None:
    # The harness's 2 x (10 + 5) = 30 may all be opened. Of the 28 open now 8 are the shop's and 4 the harness's.
    # 100 - 3 - 10 - 16 - 30 = 41; 41 / 3 = 13: enough. With 2 x (15 + 5) = 40: 31 / 3 = 10. With 2 x 25: 21 / 3 = 7.
    for harness, expected in ((10, 8), (15, 8), (20, 7)):
        other = a_calm_pool("harness", size=harness, max_overflow=5, in_use=4, checked_out=2, hold_mean_seconds=0.05)
        snapshot = a_snapshot(an_exhausted_pool(), other, a_checkout(0.3), databases=[a_database_state()])
        (shop,) = [one for one in POOL_EXHAUSTION.diagnose(snapshot, a_context()) if one.key == "shop"]
        (proposal,) = POOL_EXHAUSTION.propose(shop, snapshot, a_context())
        assert proposal.proposed == expected


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        ("instances", "how many processes share max_connections is not measured"),
        ("replicas", "how many processes share max_connections is not measured"),
        ("max_overflow", "how many connections each process opens above its size is not measured"),
    ],
)
def test_a_budget_that_is_not_known_is_not_taken_for_a_small_one(missing: str, reason: str) -> None:
    snapshot = a_snapshot(
        an_exhausted_pool(**{missing: Missing(why="gone")}), a_checkout(0.3), databases=[a_database_state()]
    )
    proposal = the_proposal(snapshot)
    assert reason in proposal.rationale
    assert (proposal.automatic, proposal.risk) == (False, Risk.MEDIUM)


def test_without_the_database_a_person_decides() -> None:
    proposal = the_proposal(a_snapshot(an_exhausted_pool(), a_checkout(0.3)))
    assert not proposal.automatic
    assert "max_connections is not known" in proposal.rationale
    assert "a slow statement is not ruled out" in proposal.rationale


def test_of_several_databases_the_applications_own_one_bounds_its_pool() -> None:
    small, large = a_database_state("orders", max_connections=51), a_database_state("archive", max_connections=1000)
    snapshot = a_snapshot(an_exhausted_pool(), a_checkout(0.3), databases=[small, large])
    in_small = a_context(applications=[an_app("shop", database="orders")])
    in_large = a_context(applications=[an_app("shop", database="archive")])
    assert the_proposal(snapshot, in_small).proposed == 6  # (51 - 3 - 10 - 20) / 3
    assert the_proposal(snapshot, in_large).proposed == 8


def test_of_several_databases_none_is_guessed() -> None:
    snapshot = a_snapshot(
        an_exhausted_pool(), a_checkout(0.3), databases=[a_database_state("orders"), a_database_state("archive")]
    )
    proposal = the_proposal(snapshot)
    assert "max_connections is not known" in proposal.rationale
    assert not proposal.automatic
