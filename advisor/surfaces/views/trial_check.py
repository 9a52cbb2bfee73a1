"""How far verdicts can be trusted; the schema "advisor/trial-check/v1"."""

from dataclasses import dataclass, field

from advisor.model.trial_check import TrialCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialChecksView:
    """One check for each goal that was played."""

    schema: str = field(default="advisor/trial-check/v1", init=False)
    checks: tuple[TrialCheck, ...]
