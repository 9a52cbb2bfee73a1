"""A rule of others that fails, or answers nonsense, is skipped by name; every other rule is asked all the same."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from advisor.engine.diagnose import diagnose
from advisor.engine.propose import propose
from advisor.model.proposal import NoProposal
from advisor.model.report import RuleStatus
from advisor.ports.rule import Rule
from advisor.testing.rules import a_rule
from advisor.testing.snapshots import a_context, a_snapshot, an_exhausted_pool
from advisor.wiring.rules.foreign import foreign
from advisor_rules.pool.pool_exhaustion import POOL_EXHAUSTION

SNAPSHOT = a_snapshot(an_exhausted_pool())
(_, (FINDING,)) = diagnose(SNAPSHOT, [POOL_EXHAUSTION], a_context())
WHERE = "rule theirs of the pack acme: "


def rule(diagnose: Callable[..., Any], propose: Callable[..., Any] = lambda *_: ()) -> Rule:
    return foreign(replace(a_rule("theirs"), diagnose=diagnose, propose=propose), "acme")


def divide(*_: object) -> float:
    return 1 / 0


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (divide, "failed with ZeroDivisionError: division by zero"),
        (lambda *_: None, "failed with TypeError"),
        (lambda *_: (1 / 0 for _ in "a"), "failed with ZeroDivisionError"),
        (lambda *_: ["full"], "gave a str for a Finding"),
        (lambda *_: [FINDING], "gave a Finding of the rule 'pool-exhaustion'"),
    ],
)
def test_a_rule_that_cannot_judge_is_skipped_and_the_others_judge(answer: Callable[..., Any], said: str) -> None:
    (theirs, ours), findings = diagnose(SNAPSHOT, [rule(answer), POOL_EXHAUSTION], a_context())
    assert (theirs.status, ours.status) == (RuleStatus.SKIPPED, RuleStatus.FIRED)
    assert theirs.reason.startswith(WHERE + said)
    assert findings == (FINDING,)


def test_a_rule_that_cannot_propose_says_so_and_the_others_propose() -> None:
    own = replace(FINDING, rule="theirs")
    offers = propose([own, FINDING], SNAPSHOT, [rule(lambda *_: (), divide), POOL_EXHAUSTION], a_context())
    assert {proposal.rule for proposal in offers.proposals} == {"pool-exhaustion"}
    assert WHERE + "failed with ZeroDivisionError" in offers.problems["theirs"]


def test_a_rule_that_has_nothing_to_propose_keeps_its_reason() -> None:
    own = replace(FINDING, rule="theirs")
    offers = propose([own], SNAPSHOT, [rule(lambda *_: (), lambda *_: NoProposal("full already"))], a_context())
    assert offers.answers[own.id].reason == "full already"


def test_a_rule_of_others_that_is_well_is_as_it_was() -> None:
    own = replace(FINDING, rule="theirs")
    results, findings = diagnose(SNAPSHOT, [rule(lambda *_: [own])], a_context())
    assert (results[0].status, findings) == (RuleStatus.FIRED, (own,))
