"""Proposals are ranked by what they save; a model that cannot answer is named and stops no other rule."""

from advisor.engine.propose import propose
from advisor.model.errors import SourceUnavailableError
from advisor.model.knob import knob_target
from advisor.model.proposal import Risk
from advisor.model.snapshot import Snapshot
from advisor.testing.rules import a_context, a_rule
from advisor.testing.words import NOON, a_finding, a_proposal

SNAPSHOT = Snapshot(taken_at=NOON, window_seconds=300)
POOL, INDEX = a_finding(evidence=()), a_finding(rule="missing-index", key="orders")


def test_the_largest_gain_comes_first_then_the_lower_risk() -> None:
    small = a_proposal(gain_seconds_per_second=0.1)
    risky = a_proposal(target=knob_target("cache.l1.ttl", app="shop"), gain_seconds_per_second=0.9, risk=Risk.HIGH)
    safe = a_proposal(target=knob_target("cache.l2.ttl", app="shop"), gain_seconds_per_second=0.9, risk=Risk.LOW)
    ranked, problems = propose([POOL], SNAPSHOT, [a_rule(POOL.rule, proposes=[small, risky, safe])], a_context())
    assert ranked == (safe, risky, small)
    assert problems == {}


def test_the_same_proposal_for_two_findings_is_one() -> None:
    rule = a_rule(POOL.rule, proposes=[a_proposal()])
    ranked, _ = propose([POOL, a_finding(key="shop/2", evidence=())], SNAPSHOT, [rule], a_context())
    assert ranked == (a_proposal(),)


def test_a_model_that_cannot_answer_is_told_by_rule_and_the_others_are_still_asked() -> None:
    broken = a_rule(INDEX.rule, proposes=SourceUnavailableError("connection refused", where="postgres:main"))
    ranked, problems = propose(
        [INDEX, POOL], SNAPSHOT, [broken, a_rule(POOL.rule, proposes=[a_proposal()])], a_context()
    )
    assert ranked == (a_proposal(),)
    assert set(problems) == {"missing-index"}
    assert "orders" in problems["missing-index"]
    assert "connection refused" in problems["missing-index"]


def test_a_proposal_keeps_the_evidence_of_its_finding() -> None:
    ranked, _ = propose([a_finding()], SNAPSHOT, [a_rule(POOL.rule, proposes=[a_proposal()])], a_context())
    assert ranked[0].evidence == a_finding().evidence
