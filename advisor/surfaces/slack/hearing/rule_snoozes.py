"""The menu under a recommendation: its rule is snoozed by the same approvals as that of a change."""

from collections.abc import Callable
from datetime import timedelta

import structlog

from advisor.model.approval import Snooze
from advisor.model.errors import AdvisorError, JournalError
from advisor.model.units import parse_duration_seconds
from advisor.ports.clock import Clock
from advisor.surfaces.slack.actions import RuleSnooze
from advisor.surfaces.slack.hearing.decisions import UNREACHABLE, Decider, End, Outcome, Word, snoozed
from advisor.surfaces.slack.state import PROPOSAL, SNOOZED, Memory

log = structlog.get_logger()


class RuleSnoozes:
    """A recommendation is known by what the notebook holds of it; of any other nothing is snoozed."""

    def __init__(self, memory: Memory, word: Callable[[], Word], clock: Clock, environment: str) -> None:
        self._memory = memory
        self._word = word
        self._clock = clock
        self._environment = environment

    def carry_out(self, asked: RuleSnooze, who: Decider) -> Outcome:
        """Raises nothing of the advisor's own: what goes wrong is told."""
        try:
            outcome = self._carry_out(asked, who)
        except JournalError as error:
            log.warning("slack_decision_not_stored", proposal_id=asked.proposal_id, error=str(error))
            outcome = UNREACHABLE
        except AdvisorError as error:
            outcome = Outcome(end=End.REFUSED, told=f"Nothing was decided: {error.what}.")
        log.info("slack_rule_snoozed", proposal_id=asked.proposal_id, who=str(who), outcome=outcome.end.value)
        return outcome

    def _carry_out(self, asked: RuleSnooze, who: Decider) -> Outcome:
        known = self._memory.value(f"{PROPOSAL}{asked.proposal_id}")
        rule = str(known.get("rule") or "") if known is not None else ""
        if not rule:
            return Outcome(end=End.REFUSED, told="Nothing was decided: this recommendation is not known here any more.")
        until = self._clock.now() + timedelta(seconds=parse_duration_seconds(asked.duration))
        self._word().snooze(self._environment, Snooze(rule=rule, until=until, who=str(who)))
        self._note(asked.proposal_id, {"until": until.isoformat(), "who": str(who)})
        return snoozed(rule, until)

    def _note(self, proposal_id: str, told: dict[str, str]) -> None:
        """For the leader, which edits the message. The rule is snoozed whether that can be noted or not."""
        try:
            self._memory.keep(f"{SNOOZED}{proposal_id}", dict(told))
        except JournalError as error:
            log.warning("slack_snooze_not_noted", proposal_id=proposal_id, error=str(error))
