"""The cache rule: when time is the cause, how long a TTL may be, and when a person decides."""

import pytest

from advisor.model.proposal import Better, Proposal, Risk
from advisor.model.signal import Missing, NotANumber, signal
from advisor.model.snapshot import Snapshot
from advisor.ports.rule import RuleContext
from advisor.settings.guide import CacheGuide, GuideSettings
from advisor.testing.asking import finding_of, proposals_of, the_finding, the_proposal_of
from advisor.testing.snapshots import a_cache, a_context, a_redis, a_snapshot, a_tier
from advisor_rules.cache.low_cache_hit_rate import LOW_CACHE_HIT_RATE

SHORT_TTL = a_snapshot(a_tier(), a_cache())


def the_proposal(snapshot: Snapshot, context: RuleContext | None = None) -> Proposal:
    return the_proposal_of(LOW_CACHE_HIT_RATE, snapshot, context or a_context())


def cause(snapshot: Snapshot, context: RuleContext | None = None) -> str:
    return the_finding(LOW_CACHE_HIT_RATE, snapshot, context or a_context()).cause


def guide(**settings: object) -> RuleContext:
    return a_context(guide=GuideSettings(cache=CacheGuide.model_validate(settings)))


# ---- a TTL that is too short


def test_a_ttl_that_ends_before_most_keys_come_back_is_made_longer() -> None:
    finding, proposal = the_finding(LOW_CACHE_HIT_RATE, SHORT_TTL, a_context()), the_proposal(SHORT_TTL)
    assert finding.cause == "entries live for 2 s, and many keys come back later"
    assert finding.waste_seconds_per_second == pytest.approx(3.6)  # 18 loads a second of 0.2 s each
    assert (proposal.target.knob, proposal.target.as_dict()) == ("cache.l2.ttl", {"app": "shop", "cache": "users"})
    assert (proposal.current, proposal.proposed, proposal.unit) == (2, 60, "s")
    assert (proposal.doubts, proposal.risk) == ((), Risk.LOW)


def test_the_prediction_lies_between_what_reuse_allows_at_least_and_at_most() -> None:
    proposal = the_proposal(SHORT_TTL)
    prediction = proposal.prediction
    assert prediction.signal == signal("cache.hit_ratio", app="shop", cache="users", tier="l2")
    # 90% of all gaps are within 60 s: the most there is to have, if every hit renewed its entry.
    assert 0.1 < prediction.low <= prediction.expected <= prediction.high <= 0.9
    assert (proposal.goal.signal, proposal.goal.better) == (prediction.signal, Better.HIGHER)
    # Of the loads now, the share that is answered then: (h - 0.1) / (1 - 0.1).
    assert proposal.gain_seconds_per_second == pytest.approx(3.6 * (prediction.expected - 0.1) / 0.9)


def test_no_longer_a_ttl_is_taken_than_nearly_all_of_the_gain_needs() -> None:
    # Every key comes back within 10 s: 60 s bring hardly more than 30, and old answers are not for free.
    ttl = the_proposal(a_snapshot(a_tier(), a_cache({2: 0.5, 5: 0.8, 10: 1.0, 60: 1.0}))).proposed
    assert isinstance(ttl, float)
    assert ttl < 60


def test_apply_and_undo_name_the_cache_the_tier_and_both_values() -> None:
    proposal = the_proposal(SHORT_TTL)
    assert proposal.apply == "agent.cache('users', ...) with a TTL of 60 s in tier l2"
    assert proposal.undo == "agent.cache('users', ...) with a TTL of 2 s in tier l2"
    assert proposal.alternatives == ("drop keys when their data changes, and use a long TTL",)


def test_a_tier_whose_calls_fail_is_not_told_to_keep_its_entries_for_longer() -> None:
    # What could not be stored is not found either; 0.5 failures beside 20 requests a second are 2.5%.
    failing = a_snapshot(a_tier(errors_per_second=0.5), a_cache())
    assert cause(failing).startswith("0.5 of its calls fail every second")
    assert not proposals_of(LOW_CACHE_HIT_RATE, failing, a_context())
    assert the_proposal(a_snapshot(a_tier(errors_per_second=0.1), a_cache())).proposed == 60


# ---- bounds


def test_one_step_makes_a_ttl_at_most_thirty_times_as_long() -> None:
    assert the_proposal(a_snapshot(a_tier(ttl_seconds=0.5), a_cache())).proposed == 15  # 30 x 0.5 s


def test_a_ttl_is_never_longer_than_the_guide_allows_for_its_tier() -> None:
    # 12 s would be worth having more; the tier's longest is 12 s.
    assert the_proposal(SHORT_TTL, guide(longest_ttl_seconds={"l2": 12})).proposed == 12


def test_a_ttl_that_is_the_longest_allowed_already_is_left_and_the_finding_says_so() -> None:
    snapshot = a_snapshot(a_tier(ttl_seconds=3600), a_cache())
    assert cause(snapshot) == "its TTL of 3600 s is the longest that is allowed already (3600 s)"
    assert not proposals_of(LOW_CACHE_HIT_RATE, snapshot, a_context())


def test_staleness_bounds_the_ttl() -> None:
    # 0.4% of reloads after 2 s find another value: r = -ln(0.996) / 2 s = 0.002/s. At T the share of stale answers is
    # about r T / 2: 3% at 30 s, 5.7% at 60 s. 5% are allowed.
    proposal = the_proposal(a_snapshot(a_tier(), a_cache(change_ratio=0.004)))
    assert proposal.proposed == 30
    assert "2.9% of the answers may be out of date" in proposal.rationale


def test_values_that_change_too_often_keep_their_short_ttl() -> None:
    # Every tenth reload finds another value: r = 0.053/s; at 5 s 1 - (1 - exp(-0.26)) / 0.26 = 12% would be stale.
    snapshot = a_snapshot(a_tier(), a_cache(change_ratio=0.1))
    assert cause(snapshot).startswith("its values change too often: with a TTL of 5 s 12.1% of the answers")
    assert not proposals_of(LOW_CACHE_HIT_RATE, snapshot, a_context())


def test_an_answer_may_be_as_old_as_both_tiers_together() -> None:
    # Tier 1 keeps for 20 s what tier 2 has kept for up to T. At 0.002 changes a second 20 + 30 s are 4.9% stale, while
    # 20 + 60 s are 7.7%. Reloads are 20 s apart at least: 1 - exp(-0.002 x 20) = 4%.
    first = a_tier("l1", ttl_seconds=20, hit_ratio=0.2)
    proposal = the_proposal(a_snapshot(first, a_tier(), a_cache(change_ratio=0.04)), only_l2())
    assert (proposal.target.knob, proposal.proposed) == ("cache.l2.ttl", 30)
    assert "4.9% of the answers may be out of date" in proposal.rationale


# ---- told apart


def test_a_full_cache_is_not_a_ttl_problem() -> None:
    # 20/s x 90% = 18 misses a second; more than half of them follow on an entry that was dropped for want of room.
    snapshot = a_snapshot(a_tier("l1", evictions_per_second=9.5), a_cache())
    assert cause(snapshot).startswith("it is full: 9.5 entries a second are dropped for want of room")
    assert not proposals_of(LOW_CACHE_HIT_RATE, snapshot, a_context())


def test_the_shared_tier_is_full_when_its_server_is() -> None:
    snapshot = a_snapshot(a_tier(evictions_per_second=None), a_cache(), caches=[a_redis(15.0)])
    assert cause(snapshot).startswith("it is full: 15 entries a second")


def test_keys_that_hardly_come_back_are_helped_by_no_ttl() -> None:
    snapshot = a_snapshot(a_tier(), a_cache({2: 0.1, 60: 0.12, 3600: 0.13}))
    assert cause(snapshot) == "its keys hardly come back: no TTL would help"
    assert not proposals_of(LOW_CACHE_HIT_RATE, snapshot, a_context())


def test_tier_2_is_judged_by_what_tier_1_lets_through() -> None:
    # At 60 s both tiers together could answer about 80%; tier 1 answers 50% already. What is left to tier 2 is
    # (0.8 - 0.5) / 0.5 = 0.6 of its own requests, not 0.8.
    alone = the_proposal(SHORT_TTL).prediction.expected
    behind = the_proposal(a_snapshot(a_tier("l1", ttl_seconds=2, hit_ratio=0.5), a_tier(), a_cache()), only_l2())
    assert behind.proposed == 60
    assert behind.prediction.expected == pytest.approx((alone - 0.5) / 0.5, abs=0.01)


def only_l2() -> RuleContext:
    return guide(low_hit_ratio={"l2": 0.7})


def test_a_longer_ttl_in_tier_1_saves_no_loads_that_tier_2_answers_anyhow() -> None:
    # Tier 2 answers 90% of what tier 1 lets through: together 0.1 + 0.9 x 0.9 = 91%, more than tier 1 could alone.
    snapshot = a_snapshot(a_tier("l1"), a_tier("l2", ttl_seconds=600, hit_ratio=0.9), a_cache())
    proposal = the_proposal(snapshot)
    assert proposal.target.knob == "cache.l1.ttl"
    assert proposal.gain_seconds_per_second == 0


# ---- left alone


def test_a_tier_that_answers_enough_is_left_alone() -> None:
    assert finding_of(LOW_CACHE_HIT_RATE, a_snapshot(a_tier(hit_ratio=0.7), a_cache()), a_context()) is None


def test_a_cache_that_is_hardly_asked_is_not_judged() -> None:
    assert finding_of(LOW_CACHE_HIT_RATE, a_snapshot(a_tier(requests_per_second=0.4), a_cache()), a_context()) is None


def test_a_tier_that_the_guide_sets_no_line_for_is_not_judged() -> None:
    assert finding_of(LOW_CACHE_HIT_RATE, a_snapshot(a_tier("l3"), a_cache()), a_context()) is None


# ---- missing data


def test_where_change_is_not_measured_a_person_decides() -> None:
    proposal = the_proposal(a_snapshot(a_tier(), a_cache(change_ratio=NotANumber(raw="NaN"))))
    assert "how old answers may get is not known" in proposal.rationale
    assert proposal.doubts  # so that a person must approve
    assert proposal.risk is Risk.MEDIUM


def test_where_evictions_are_not_measured_a_person_decides() -> None:
    proposal = the_proposal(a_snapshot(a_tier(evictions_per_second=None), a_cache()))
    assert "that it is full is not ruled out" in proposal.rationale
    assert proposal.doubts


def test_where_reuse_is_not_measured_nothing_is_proposed() -> None:
    snapshot = a_snapshot(a_tier(), a_cache({}))
    assert cause(snapshot) == "how soon keys come back is not measured"
    assert not proposals_of(LOW_CACHE_HIT_RATE, snapshot, a_context())


def test_where_tier_1_is_not_measured_nothing_is_said_of_tier_2() -> None:
    first = a_tier("l1", hit_ratio=Missing(why="gone"))
    snapshot = a_snapshot(first, a_tier(), a_cache())
    assert cause(snapshot) == "what tier l1 lets through is not measured"
    assert not proposals_of(LOW_CACHE_HIT_RATE, snapshot, a_context())


def test_where_loads_are_not_measured_the_finding_stands_and_claims_no_cost() -> None:
    snapshot = a_snapshot(a_tier(), a_cache(load_mean_seconds=NotANumber(raw="NaN")))
    finding = the_finding(LOW_CACHE_HIT_RATE, snapshot, a_context())
    assert finding.waste_seconds_per_second == 0
    assert {one.signal: one.value for one in finding.evidence}["cache.load_mean_seconds"] == "not known"
    assert the_proposal(snapshot).gain_seconds_per_second == 0
