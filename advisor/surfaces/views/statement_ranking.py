"""The ranked list of statements; the schema "advisor/statements/v1". Variants of one shape are one line."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from advisor.model.report import RankedStatement, StatementRanking
from advisor.model.snapshot import SourceReport
from advisor.sql.statement_facts import facts_of, fingerprint

SCHEMA = "advisor/statements/v1"
_LONGEST_TEXT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedView:
    """share: of the time that all statements of the database took over `seconds`. trend_ratio: its mean time against
    that of the `before_seconds` until then, None where one of them is not known. is_present: it ran between the looks.
    """

    rank: int
    database: str
    queryids: tuple[str, ...]
    text: str
    tables: tuple[str, ...]
    share: float
    calls: int
    calls_per_second: float
    mean_seconds: float
    rows_per_call: float
    seconds: float
    before_seconds: float
    before_mean_seconds: float | None
    before_calls_per_second: float | None
    trend_ratio: float | None
    is_present: bool
    trouble: str
    no_plan: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingView:
    schema: str = field(default=SCHEMA, init=False)
    generated_at: datetime
    looked_seconds: float
    sources: tuple[SourceReport, ...]
    statements: tuple[RankedView, ...]


def ranking_view(ranking: StatementRanking) -> RankingView:
    shapes: dict[tuple[str, bool, str], list[RankedStatement]] = {}
    for one in ranking.statements:
        shapes.setdefault((one.database, one.is_present, fingerprint(one.statement.text)), []).append(one)
    groups = sorted(shapes.values(), key=lambda group: (not group[0].is_present, -_seconds(group)))
    return RankingView(
        generated_at=ranking.taken_at,
        looked_seconds=ranking.looked_seconds,
        sources=ranking.sources,
        statements=tuple(_ranked(rank, group) for rank, group in enumerate(groups, 1)),
    )


def _seconds(group: Sequence[RankedStatement]) -> float:
    return sum(one.statement.total_seconds for one in group)


def _ranked(rank: int, group: Sequence[RankedStatement]) -> RankedView:
    """group: the statements of one shape, the costliest first."""
    first, calls = group[0], sum(one.statement.calls for one in group)
    facts = facts_of(first.statement.text)
    mean = _seconds(group) / max(1, calls)
    earlier = [one.before for one in group if one.before is not None and one.before.calls > 0]
    earlier_calls = sum(one.calls for one in earlier)
    before = sum(one.total_seconds for one in earlier) / earlier_calls if earlier else None
    return RankedView(
        rank=rank,
        database=first.database,
        queryids=tuple(one.statement.queryid for one in group),
        text=first.statement.text[:_LONGEST_TEXT],
        tables=tuple(f"{schema}.{name}" if schema else name for schema, name in (facts.tables if facts else ())),
        share=_seconds(group) / first.whole_seconds if first.whole_seconds > 0 else 0.0,
        calls=calls,
        calls_per_second=calls / first.seconds if first.seconds > 0 else 0.0,
        mean_seconds=mean,
        rows_per_call=sum(one.statement.rows for one in group) / max(1, calls),
        seconds=first.seconds,
        before_seconds=first.before_seconds,
        before_mean_seconds=before,
        before_calls_per_second=earlier_calls / first.before_seconds if earlier and first.before_seconds > 0 else None,
        trend_ratio=mean / before if before else None,
        is_present=first.is_present,
        trouble=first.trouble,
        no_plan=first.no_plan,
    )
