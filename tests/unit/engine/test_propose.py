"""Proposals are ranked by what they save; a model that cannot answer is named and stops no other rule."""

from advisor.engine.propose import propose
from advisor.model.errors import SourceUnavailableError
from advisor.model.knob import knob_target
from advisor.model.proposal import NoProposal, Risk
from advisor.model.snapshot import Snapshot
from advisor.testing.rules import a_context, a_rule
from advisor.testing.words import NOON, a_finding, a_proposal

SNAPSHOT = Snapshot(taken_at=NOON, window_seconds=300)
POOL, INDEX = a_finding(evidence=()), a_finding(rule="missing-index", key="orders")


def test_the_largest_gain_comes_first_then_the_lower_risk() -> None:
    small = a_proposal(gain_seconds_per_second=0.1)
    risky = a_proposal(target=knob_target("cache.l1.ttl", app="shop"), gain_seconds_per_second=0.9, risk=Risk.HIGH)
    safe = a_proposal(target=knob_target("cache.l2.ttl", app="shop"), gain_seconds_per_second=0.9, risk=Risk.LOW)
    offers = propose([POOL], SNAPSHOT, [a_rule(POOL.rule, proposes=[small, risky, safe])], a_context())
    assert offers.proposals == (safe, risky, small)
    assert offers.problems == {}


def test_the_same_proposal_for_two_findings_is_one_and_answers_both() -> None:
    rule, other = a_rule(POOL.rule, proposes=[a_proposal()]), a_finding(key="shop/2", evidence=())
    offers = propose([POOL, other], SNAPSHOT, [rule], a_context())
    assert offers.proposals == (a_proposal(),)
    assert {offers.answers[one.id].proposals for one in (POOL, other)} == {(a_proposal().id,)}


def test_a_finding_without_a_proposal_has_the_reason() -> None:
    rule = a_rule(POOL.rule, proposes=NoProposal("the leak comes first"))
    assert propose([POOL], SNAPSHOT, [rule], a_context()).answers[POOL.id].reason == "the leak comes first"
    silent = propose([POOL], SNAPSHOT, [a_rule(POOL.rule, proposes=[])], a_context())
    assert silent.answers[POOL.id].reason


def test_a_model_that_cannot_answer_is_told_by_rule_and_the_others_are_still_asked() -> None:
    broken = a_rule(INDEX.rule, proposes=SourceUnavailableError("connection refused", where="postgres:main"))
    offers = propose([INDEX, POOL], SNAPSHOT, [broken, a_rule(POOL.rule, proposes=[a_proposal()])], a_context())
    assert offers.proposals == (a_proposal(),)
    assert set(offers.problems) == {"missing-index"}
    assert "orders" in offers.problems["missing-index"]
    assert "connection refused" in offers.problems["missing-index"]
    assert "connection refused" in offers.answers[INDEX.id].reason


def test_a_proposal_keeps_the_evidence_of_its_finding() -> None:
    offers = propose([a_finding()], SNAPSHOT, [a_rule(POOL.rule, proposes=[a_proposal()])], a_context())
    assert offers.proposals[0].evidence == a_finding().evidence
