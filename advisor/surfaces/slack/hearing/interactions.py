"""What follows from a press: refused, decided, or asked for a reason; decided before Slack is answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog

from advisor.clients.slack import SlackCallError
from advisor.model.errors import JournalError
from advisor.surfaces.slack.actions import (
    APPROVE,
    BUTTONS,
    KEEP,
    PUT_BACK,
    REJECT,
    SNOOZE_RULE,
    WITHDRAW,
    Decision,
    read_snooze,
    read_value,
)
from advisor.surfaces.slack.hearing.approvers import Approvers, Standing
from advisor.surfaces.slack.hearing.decisions import UNREACHABLE, Decider, Decisions, End, Outcome
from advisor.surfaces.slack.hearing.modal import CALLBACKS, LONGEST_REASON, errors, reason_modal
from advisor.surfaces.slack.hearing.payload import BLOCK_ACTIONS, VIEW_SUBMISSION, Payload, View
from advisor.surfaces.slack.hearing.replies import Pressed, Replies
from advisor.surfaces.slack.hearing.rule_snoozes import RuleSnoozes
from advisor.surfaces.slack.sender import Api
from advisor.surfaces.slack.state import Memory, Place
from advisor.surfaces.slack.words import plain

log = structlog.get_logger()

Answer = Mapping[str, Any] | None
"""What Slack is answered; None is an empty body, which is all that a press asks for."""

_WITH_REASON = frozenset({REJECT, WITHDRAW, PUT_BACK})
_SEEN_IN_THE_MESSAGE = frozenset({APPROVE, REJECT, WITHDRAW, KEEP, PUT_BACK})
"""The message itself shows what became of it; nobody is told a second time."""
_OLDER = "This button is of an older version of the advisor: nothing was decided."
_NO_FORM = "Slack could not open the form, so no reason was asked for."
_ERROR_CHARACTERS = 300
"""Of a sentence under a field; Slack names no limit."""
_FORM_IS_OPEN = "exchanged_trigger_id"
"""The press came twice, and the form stands open already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interactions:
    """The same for HTTP and for Socket Mode.

    app: whose buttons count; None where any that are signed do. count: is told in a word what became of each.
    """

    app: str | None
    approvers: Approvers
    decisions: Decisions
    rules: RuleSnoozes
    replies: Replies
    api: Api
    memory: Memory
    count: Callable[[str], None]

    def handle(self, payload: Payload) -> Answer:
        """Takes less than a second, whatever Slack's own servers do. What cannot be done is told.

        Raises UntoldError where nothing was decided and not even that can be told: then it is not to be acknowledged.
        """
        if not self._is_for_us(payload):
            return None
        match payload.type:
            case str() if payload.type == BLOCK_ACTIONS:
                self._pressed(payload)
                return None
            case str() if payload.type == VIEW_SUBMISSION and payload.view is not None:
                return self._sent(payload, payload.view)
            case _:
                self.count("ignored")
                return None

    def unreachable(self, payload: Payload) -> Answer:
        """The journal cannot say whether this was decided already, so nothing is. Raises UntoldError."""
        self.count(End.UNREACHABLE.value)
        if payload.type == VIEW_SUBMISSION:
            return errors(UNREACHABLE.told)
        if self._is_for_us(payload):
            self.replies.insist(_place(payload), UNREACHABLE.told)
        return None

    def _is_for_us(self, payload: Payload) -> bool:
        """A good signature says that Slack sent it, not for whom: a secret may be copied, an app installed twice."""
        if self.app is not None and payload.api_app_id != self.app:
            log.warning("slack_interaction_refused", reason="of another app", app=payload.api_app_id)
            self.count("other_app")
            return False
        if not self.approvers.is_home(payload.team_id, payload.enterprise_id):
            log.warning("slack_interaction_refused", reason="of another workspace", team=payload.team_id)
            self.count("other_team")
            return False
        return True

    def _pressed(self, payload: Payload) -> None:
        at = _place(payload)
        action = payload.actions[0] if payload.actions else None
        decision = read_value(action.given) if action is not None and action.action_id in BUTTONS else None
        snooze = read_snooze(action.given) if action is not None and action.action_id == SNOOZE_RULE else None
        if action is None or (decision is None and snooze is None):
            self.count("older_version")
            self.replies.insist(at, _OLDER)
            return
        refusal = self._refusal(payload)
        if refusal is not None:
            self.replies.insist(at, refusal)
        elif snooze is not None:
            self._say(at, self.rules.carry_out(snooze, _decider(payload)))
        elif decision is not None and action.action_id in _WITH_REASON:
            self._ask_why(action.action_id, decision, payload)
        elif decision is not None:
            outcome = self.decisions.carry_out(action.action_id, decision, _decider(payload))
            self._tell(at, action.action_id, decision, outcome)

    def _sent(self, payload: Payload, view: View) -> Answer:
        """A form stays open, with what is wrong under its field, until it is decided."""
        if view.callback_id not in CALLBACKS:
            self.count("older_version")
            return None
        decision = read_value(view.private_metadata)
        if decision is None:
            self.count("older_version")
            return errors(_OLDER)
        refusal = self._refusal(payload)
        if refusal is not None:
            return errors(plain(refusal, _ERROR_CHARACTERS))
        if not view.reason:
            return errors("Say in a few words why; it is kept with the change.")
        reason = view.reason[:LONGEST_REASON]
        outcome = self.decisions.carry_out(view.callback_id, decision, _decider(payload), reason)
        self.count(outcome.end.value)
        return None if outcome.end is End.DONE else errors(plain(outcome.told, _ERROR_CHARACTERS))

    def _refusal(self, payload: Payload) -> str | None:
        user, team = payload.user.id, payload.user.team_id
        standing = self.approvers.standing(user, team) if user and team else Standing.STRANGER
        match standing:
            case Standing.APPROVER:
                return None
            case Standing.UNKNOWN:
                told = "Nothing was decided: Slack did not tell in time who the approvers are. Press again soon."
            case Standing.STRANGER:
                told = f"Nothing was decided: who may is set in slack.approvers, and is {self.approvers.describe()}."
        log.warning("slack_decision_refused", reason=standing.value, user=user, team=team)
        self.count(f"person_{standing.value}")
        return told

    def _ask_why(self, action: str, decision: Decision, payload: Payload) -> None:
        """Opening the form is the first thing that is done: its trigger lives for three seconds."""
        at, trigger = _place(payload), payload.trigger_id
        objection = self.decisions.objection(action, decision)
        if objection is not None:
            self._tell(at, action, decision, objection)
        elif trigger is None:
            self._without_reason(action, decision, payload)
        else:
            without = partial(self._without_reason, action, decision, payload)
            if not self.replies.soon(lambda: self._open(trigger, action, decision, payload), without):
                without()

    def _open(self, trigger: str, action: str, decision: Decision, payload: Payload) -> None:
        view = reason_modal(action, decision.value)
        try:
            self.api.call("views.open", {"trigger_id": trigger, "view": view})
        except SlackCallError as error:
            log.warning("slack_form_not_opened", error=str(error))
            if error.code != _FORM_IS_OPEN:
                self._without_reason(action, decision, payload)

    def _without_reason(self, action: str, decision: Decision, payload: Payload) -> None:
        """Somebody has pressed to stop a change: a form that does not open is no reason to let it go on."""
        outcome = self.decisions.carry_out(action, decision, _decider(payload))
        told = f"{outcome.told} {_NO_FORM}" if outcome.end is End.DONE else outcome.told
        self._say(_place(payload), Outcome(end=outcome.end, told=told))

    def _tell(self, at: Pressed, action: str, decision: Decision, outcome: Outcome) -> None:
        """Where the message itself does not show it: to this person, or in place of what only this person sees."""
        self._note_copy(decision, at)
        if at.is_ephemeral and outcome.end in (End.DONE, End.STALE):
            self.count(outcome.end.value)
            self.replies.retire(at, outcome.told)
        elif outcome.end is not End.DONE or action not in _SEEN_IN_THE_MESSAGE:
            self._say(at, outcome, self._present(decision) if outcome.end is End.STALE else None)
        else:
            self.count(outcome.end.value)

    def _say(self, at: Pressed, outcome: Outcome, see: Place | None = None) -> None:
        """What is stored is done whether it can be told or not; what is not stored must be told. Raises UntoldError."""
        self.count(outcome.end.value)
        if outcome.end in (End.DONE, End.FIRST_OF_TWO):
            self.replies.tell(at, outcome.told, see)
        else:
            self.replies.insist(at, outcome.told, see)

    def _note_copy(self, decision: Decision, at: Pressed) -> None:
        """A message that is not the one in which the change is shown now is to lose its buttons."""
        if at.channel is None or at.message_ts is None or at.is_ephemeral:
            return
        try:
            self.memory.remember_copy(decision.change_id, Place(channel=at.channel, ts=at.message_ts))
        except JournalError as error:
            log.warning("slack_copy_not_noted", error=str(error))

    def _present(self, decision: Decision) -> Place | None:
        try:
            return self.memory.place_of(decision.change_id)
        except JournalError:
            return None


def _place(payload: Payload) -> Pressed:
    box = payload.container
    return Pressed(
        user=payload.user.id or "",
        channel=payload.channel_id,
        message_ts=box.message_ts,
        is_ephemeral=box.is_ephemeral,
        response_url=payload.response_url,
    )


def _decider(payload: Payload) -> Decider:
    user = payload.user
    return Decider(user=user.id or "", team=user.team_id or "", name=user.shown)
