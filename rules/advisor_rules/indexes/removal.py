"""Indexes that could go, and why: for the rules on unused, duplicate and invalid ones and for `advisor indexes`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from advisor.model.database.index_design import INDEX_PREFIX
from advisor.model.database.workload import DatabaseState, Index
from advisor.model.finding import Evidence, Finding, Severity, Subject
from advisor.model.proposal import NoProposal, Proposal
from advisor.model.signal import signal
from advisor.model.snapshot import Snapshot
from advisor.settings.guide import QueryGuide
from advisor.sql.identifier import quoted
from advisor_rules.advice import SERVER, advice

_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """index: what could go. reason: in a sentence. by: the index that does its work, None when nothing need."""

    index: Index
    reason: str
    by: Index | None = None

    @property
    def drop(self) -> str:
        return f"DROP INDEX CONCURRENTLY {quoted(self.index.schema)}.{quoted(self.index.name)};"

    @property
    def undo(self) -> str:
        """Its definition as Postgres writes it, built without blocking writes."""
        definition = self.index.definition
        for start in ("CREATE UNIQUE INDEX ", "CREATE INDEX "):
            if definition.startswith(start):
                return f"{start}CONCURRENTLY {definition.removeprefix(start)};"
        return f"{definition};"


def unused(look: DatabaseState, guide: QueryGuide) -> Iterator[Removal]:
    """Not read for long enough, on every server that could have read it."""
    for index in look.indexes:
        if index.idle_seconds is None or index.idle_seconds < guide.unused_after_seconds or _may_be_new(index):
            continue
        if index.is_valid and index.may_go and index.size_bytes >= guide.smallest_unused_bytes:
            days = index.idle_seconds / _DAY_SECONDS
            yield Removal(index=index, reason=f"no server has read it for {days:.0f} days")


def _may_be_new(index: Index) -> bool:
    """One that we built, and that was not read since: nobody knows since when it has been there to be read."""
    return index.is_ours and index.scans == 0


def duplicate(look: DatabaseState) -> Iterator[Removal]:
    """The same as another, or the beginning of one; of two that are the same the younger name goes, ours last."""
    for index in look.indexes:
        if index.is_valid and index.may_go:
            by = next((other for other in look.indexes if _does_work_of(other, index)), None)
            if by is not None:
                same = _shape(by) == _shape(index)
                reason = f"{by.name} is the same" if same else f"{by.name} begins with the same keys"
                yield Removal(index=index, reason=reason, by=by)


def invalid(look: DatabaseState) -> Iterator[Removal]:
    """What a concurrent build left behind: every write pays for it, and no read may use it."""
    for index in look.indexes:
        if not index.is_valid and not index.is_being_built and not index.is_part and not index.backs_constraint:
            yield Removal(index=index, reason="a concurrent build did not end: it costs writes and serves no read")


def _does_work_of(other: Index, index: Index) -> bool:
    if other is index or not other.is_valid or (other.schema, other.table) != (index.schema, index.table):
        return False
    mine, theirs = _shape(index), _shape(other)
    if mine == theirs:
        return not other.may_go or (index.name.startswith(INDEX_PREFIX), index.name) > (
            other.name.startswith(INDEX_PREFIX),
            other.name,
        )
    return mine.endswith(")") and theirs.startswith(mine[:-1] + ", ") and " WHERE " not in theirs


def _shape(index: Index) -> str:
    """Its definition from the access method on: keys with order, operator class and collation, what is included."""
    return index.definition.partition(" USING ")[2]


def finding_of(removal: Removal, look: DatabaseState, rule: str, guide: str, severity: Severity) -> Finding:
    index = removal.index
    return Finding(
        rule=rule,
        key=f"{look.name}/{index.schema}.{index.name}",
        severity=severity,
        subject=Subject(kind="index", name=index.name, namespace=index.schema),
        summary=f"{index.schema}.{index.name} on {index.table}, {index.size_bytes / 1e6:.1f} MB: {removal.reason}",
        cause=removal.reason,
        guide=guide,
        evidence=(
            Evidence(signal="index.size_bytes", value=index.size_bytes, unit="bytes"),
            Evidence(signal="index.scans", value=index.scans, unit="scans"),
        ),
        waste_seconds_per_second=0.0,
    )


def proposals_of(finding: Finding, removals: Sequence[Removal], look: DatabaseState) -> Sequence[Proposal]:
    """Advice alone: an index that somebody made is dropped by a person."""
    place = (finding.subject.namespace, finding.subject.name)
    for removal in removals:
        index = removal.index
        if (index.schema, index.name) == place:
            metric = signal("index.size_bytes", database=look.name, schema=index.schema, index=index.name)
            proposal = advice(
                finding,
                change=SERVER,
                what=removal.drop,
                rationale=f"{removal.reason}; every insert pays for it",
                metric=metric,
            )
            return (replace(proposal, undo=removal.undo),)
    return NoProposal("the index is gone by now")


def look_of(finding: Finding, snapshot: Snapshot) -> DatabaseState:
    return snapshot.databases[finding.key.partition("/")[0]]
