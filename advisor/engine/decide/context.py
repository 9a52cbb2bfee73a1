"""What a decision depends on besides the proposals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from advisor.model.approval import Snooze
from advisor.model.change import ChangeRecord, Pause
from advisor.model.snapshot import Snapshot
from advisor.settings.policy import PolicySettings


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionContext:
    """history: newest first. fights: changes that somebody else overwrote, uncleared, however old.

    unwatched_seconds: how long the environment must still be watched before anything may be begun.
    snapshot: what the proposals rest on; None while nothing was observed, and then no load and no reach is known.
    usual_load: requests per second by application; one that is missing is not known.
    """

    policy: PolicySettings
    history: Sequence[ChangeRecord]
    pause: Pause | None
    now: datetime
    unwatched_seconds: float = 0.0
    fights: Sequence[ChangeRecord] = ()
    snoozes: Sequence[Snooze] = ()
    snapshot: Snapshot | None = None
    usual_load: Mapping[str, float] = field(default_factory=dict)
