"""Counts what a replay shows, so that weeks of snapshots come down to one line a thing."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from advisor.model.finding import Finding
from advisor.model.replay import Delay, FindingSummary, Replay, ReplayedChange
from advisor.model.report import RuleResult, RuleStatus, Waiting
from advisor.model.snapshot import Snapshot

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*(?:e[-+]?\d+)?(?:[a-zA-Z%]+)?")
_MOST_PROBLEMS = 20


@dataclass(slots=True)
class _RuleCount:
    fired: int = 0
    healthy: int = 0
    skipped: int = 0
    reason: str = ""

    def summed(self, rule: str) -> RuleResult:
        """Fired if it ever did; skipped only if it could never judge."""
        judged = self.fired + self.healthy
        if not judged:
            return RuleResult(rule=rule, status=RuleStatus.SKIPPED, reason=self.reason)
        text = f"fired in {self.fired} of {judged} snapshots"
        if self.skipped:
            text += f", could not judge {self.skipped} more: {self.reason}"
        return RuleResult(rule=rule, status=RuleStatus.FIRED if self.fired else RuleStatus.HEALTHY, reason=text)


class ReplaySummary:
    """Takes what each snapshot brought, in the order of time."""

    def __init__(self, step_seconds: float) -> None:
        self._step_seconds = step_seconds
        self._snapshots = 0
        self._empty = 0
        self._rules: dict[str, _RuleCount] = {}
        self._findings: dict[tuple[str, str], FindingSummary] = {}
        self._delays: dict[tuple[str, str], Delay] = {}
        self._problems: dict[str, None] = {}

    def saw(self, snapshot: Snapshot) -> bool:
        """Whether anything was recorded at that moment."""
        self._snapshots += 1
        for source in snapshot.sources:
            self._note(source.detail)
        if not snapshot.signals:
            self._empty += 1
        return bool(snapshot.signals)

    def judged(self, now: datetime, results: Sequence[RuleResult], findings: Sequence[Finding]) -> None:
        for result in results:
            count = self._rules.setdefault(result.rule, _RuleCount())
            match result.status:
                case RuleStatus.FIRED:
                    count.fired += 1
                case RuleStatus.HEALTHY:
                    count.healthy += 1
                case RuleStatus.SKIPPED:
                    count.skipped += 1
                    count.reason = result.reason
        for finding in findings:
            key = (finding.id, _NUMBER.sub("#", finding.summary))
            self._findings[key] = self._seen(finding, self._findings.get(key), now)

    def waited(self, now: datetime, waiting: Sequence[Waiting]) -> None:
        for one in waiting:
            key = (str(one.proposal.target), _NUMBER.sub("#", one.reason))
            known = self._delays.get(key)
            self._delays[key] = (
                Delay(proposal=one.proposal, reason=one.reason, count=1, first_at=now, last_at=now)
                if known is None
                else replace(known, count=known.count + 1, last_at=now)
            )

    def failed(self, problems: Mapping[str, str]) -> None:
        for rule, problem in problems.items():
            self._note(f"{rule}: {problem}")

    def summed(self, *, rules: Iterable[RuleResult], changes: Sequence[ReplayedChange]) -> Replay:
        """Everything; `rules` are the results of those that were never asked."""
        return Replay(
            snapshots=self._snapshots,
            empty=self._empty,
            rules=(*(count.summed(rule) for rule, count in self._rules.items()), *rules),
            findings=tuple(sorted(self._findings.values(), key=lambda one: (-one.wasted_seconds, one.id))),
            changes=tuple(changes),
            delays=tuple(sorted(self._delays.values(), key=lambda one: (-one.count, str(one.proposal.target)))),
            problems=tuple(self._problems),
        )

    def _note(self, problem: str) -> None:
        if problem and len(self._problems) < _MOST_PROBLEMS:
            self._problems[problem] = None

    def _seen(self, finding: Finding, known: FindingSummary | None, now: datetime) -> FindingSummary:
        waste = finding.waste_seconds_per_second
        lost = waste * self._step_seconds
        if known is not None and waste <= known.worst_waste:
            return replace(
                known, last_at=now, snapshots=known.snapshots + 1, wasted_seconds=known.wasted_seconds + lost
            )
        return FindingSummary(
            id=finding.id,
            rule=finding.rule,
            severity=finding.severity,
            subject=finding.subject,
            summary=finding.summary,
            cause=finding.cause,
            first_at=known.first_at if known is not None else now,
            last_at=now,
            snapshots=known.snapshots + 1 if known is not None else 1,
            worst_waste=waste,
            wasted_seconds=(known.wasted_seconds if known is not None else 0.0) + lost,
        )
