"""Advice that was rolled back is not proposed again until its evidence has changed."""

import math
from dataclasses import replace

import pytest

from advisor.engine.decide.choose import decide
from advisor.engine.decide.context import DecisionContext
from advisor.engine.decide.retry import evidence_changed, same_advice
from advisor.model.change import ChangeRecord, State
from advisor.model.finding import Evidence
from advisor.model.proposal import Proposal
from advisor.model.verdict import Outcome, VerdictReason
from advisor.settings.policy import PolicySettings
from advisor.testing.words import NOON, a_proposal
from tests.fakes.past import a_verdict, ended, kept, rolled_back


def evidence(wait: float | str = 0.4, timeouts: float = 0.0, *, limit: float | None = 0.1) -> tuple[Evidence, ...]:
    return (
        Evidence(signal="pool.wait_p95_seconds", value=wait, unit="s", threshold=limit),
        Evidence(signal="pool.timeouts_per_second", value=timeouts, unit="1/s", threshold=0.0),
    )


def proposal(wait: float | str = 0.4, **changes: object) -> Proposal:
    return a_proposal(evidence=evidence(wait), **changes)


def why_waiting(wanted: Proposal, *history: ChangeRecord) -> str:
    context = DecisionContext(policy=PolicySettings(), history=history, pause=None, now=NOON)
    choice = decide([wanted], context)
    return choice.waiting[0].reason if choice.waiting else ""


def test_the_same_advice_on_the_same_evidence_waits_however_long_ago_it_failed() -> None:
    reason = why_waiting(proposal(), rolled_back(proposal=proposal()))
    assert "was rolled back; waits until the evidence changes" in reason


def test_noise_is_no_change_of_the_evidence_and_a_new_load_is() -> None:
    failed = rolled_back(proposal=proposal(0.4))
    assert "until the evidence changes" in why_waiting(proposal(0.5), failed)  # 0.1 of 0.5 is 20%, 25% is the bound
    assert why_waiting(proposal(0.8), failed) == ""  # 0.4 of 0.8 is 50%


def test_nearly_the_same_value_is_the_same_advice() -> None:
    failed = rolled_back(proposal=proposal())  # 5 to 12
    assert "until the evidence changes" in why_waiting(proposal(proposed=14), failed)
    assert why_waiting(proposal(proposed=20), failed) == ""


def test_what_failed_on_any_former_evidence_is_not_tried_on_that_again() -> None:
    history = [rolled_back(proposal=proposal(0.9)), rolled_back(proposal=proposal(0.4))]
    assert "until the evidence changes" in why_waiting(proposal(0.4), *history)
    assert "until the evidence changes" in why_waiting(proposal(0.9), *history)


@pytest.mark.parametrize("outcome", [None, Outcome.EXTEND, Outcome.HOLD])
def test_a_trial_that_a_pause_cut_short_refutes_nothing(outcome: Outcome | None) -> None:
    verdict = replace(a_verdict(0.4, 0.4), outcome=outcome) if outcome else None
    paused = ended(State.ROLLED_BACK, proposal=proposal(), trial_since=NOON, verdict=verdict)
    assert why_waiting(proposal(), paused) == ""


def test_a_trial_in_which_the_application_was_replaced_refutes_nothing() -> None:
    verdict = a_verdict(0.4, 0.5, reason=VerdictReason.REPLACED)
    released = ended(State.ROLLED_BACK, proposal=proposal(), trial_since=NOON, verdict=verdict)
    assert why_waiting(proposal(), released) == ""


def test_a_value_that_never_came_into_force_everywhere_waits_too() -> None:
    partial = ended(State.ROLLED_BACK, proposal=proposal())
    assert "until the evidence changes" in why_waiting(proposal(), partial)


def test_what_was_kept_once_and_came_back_may_be_done_again() -> None:
    assert why_waiting(proposal(), kept(proposal=proposal())) == ""


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        (evidence(), evidence(), False),
        (evidence(timeouts=0.0), evidence(timeouts=0.2), True),  # time-outs have begun
        (evidence("not known"), evidence("not known"), False),
        (evidence("not known"), evidence(0.4), True),
        (evidence(), evidence()[:1], True),  # a signal has gone
        (evidence(math.nan), evidence(math.nan), False),
        (evidence(math.inf), evidence(0.4), True),
        (evidence(0.001), evidence(0.02), False),  # 0.019 is less than 25% of the limit of 0.1
        (evidence(0.001, limit=None), evidence(0.02, limit=None), True),
        ((), evidence(), False),  # nothing was kept of it, so nobody can say that it changed
    ],
)
def test_evidence_has_changed_when_a_person_would_say_so(
    before: tuple[Evidence, ...], after: tuple[Evidence, ...], changed: bool
) -> None:
    assert evidence_changed(before, after, 0.25) is changed


def test_another_start_or_another_target_is_another_advice() -> None:
    assert same_advice(a_proposal(), a_proposal(), 0.25)
    assert not same_advice(a_proposal(current=6), a_proposal(), 0.25)
    assert not same_advice(a_proposal(proposed="CREATE INDEX a"), a_proposal(proposed="CREATE INDEX b"), 0.25)
