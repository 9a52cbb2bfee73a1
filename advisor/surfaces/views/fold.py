"""Findings folded for people: one group for each table and rule, and one for all that is wrong with small indexes."""

from collections.abc import Sequence
from dataclasses import dataclass

from advisor.model.finding import Severity
from advisor.surfaces.views.report import FindingView
from advisor.surfaces.views.statement import StatementView, folded

_SMALL_INDEX_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingGroup:
    """What one rule says of one place: a table, a pool, a cache. Never empty; the costliest finding comes first."""

    rule: str
    place: str
    findings: tuple[FindingView, ...]

    @property
    def severity(self) -> Severity:
        return max((finding.severity for finding in self.findings), key=lambda severity: severity.rank)

    @property
    def waste_seconds_per_second(self) -> float:
        return sum(finding.waste_seconds_per_second for finding in self.findings)

    @property
    def statements(self) -> tuple[StatementView, ...]:
        """One of each shape."""
        return folded(finding.statement for finding in self.findings if finding.statement is not None)

    @property
    def share(self) -> float | None:
        """Of the database's time between the looks, or before where none ran then; None without statements."""
        told = {one.statement.queryid: one.statement for one in self.findings if one.statement is not None}
        latest = min((one.seconds for one in told.values()), default=None)
        return None if latest is None else sum(one.share for one in told.values() if one.seconds <= latest)

    @property
    def proposals(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for finding in self.findings for name in finding.proposals))

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why findings of the group have no proposal."""
        return tuple(dict.fromkeys(finding.no_proposal for finding in self.findings if finding.no_proposal))


def grouped(findings: Sequence[FindingView]) -> tuple[FindingGroup, ...]:
    """The costliest group first."""
    groups: dict[tuple[str, str], list[FindingView]] = {}
    for finding in findings:
        groups.setdefault((finding.rule, _place(finding)), []).append(finding)
    made = (FindingGroup(rule=rule, place=place, findings=tuple(found)) for (rule, place), found in groups.items())
    return tuple(sorted(made, key=lambda group: (-group.severity.rank, -group.waste_seconds_per_second)))


def _place(finding: FindingView) -> str:
    if finding.subject.kind == "index" and _is_small(finding):
        return "small indexes"
    if finding.tables:
        return ", ".join(table.removeprefix("public.") for table in finding.tables[:3])
    if finding.statement is not None:
        return finding.statement.database
    namespace = f"{finding.subject.namespace}/" if finding.subject.namespace else ""
    return f"{finding.subject.kind} {namespace}{finding.subject.name}"


def _is_small(finding: FindingView) -> bool:
    sizes = [one.value for one in finding.evidence if one.signal == "index.size_bytes"]
    return any(isinstance(size, int | float) and size < _SMALL_INDEX_BYTES for size in sizes)
