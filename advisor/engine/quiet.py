"""Ask for the usual load where the policy waits for quiet, and only there."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from advisor.engine.rollout.context import log
from advisor.model.errors import AdvisorError
from advisor.model.proposal import Proposal
from advisor.ports.observing import LoadHistory
from advisor.settings.policy import PolicySettings


def usual_loads(
    proposals: Sequence[Proposal], policy: PolicySettings, history: LoadHistory | None, now: datetime
) -> Mapping[str, float]:
    """By application. One whose history is too short or cannot be read is missing, and its proposals wait."""
    if history is None:
        return {}
    found: dict[str, float] = {}
    for app in sorted({one.app for one in proposals if one.app and policy.quiet_ratio_for(one.target.knob)}):
        try:
            usual = history.usual(app, now)
        except AdvisorError as error:
            log.warning("usual_load_unreadable", app=app, error=str(error))
            continue
        if usual is not None:
            found[app] = usual
    return found
