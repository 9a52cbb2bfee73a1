"""What in a plan is slow, in words a person can act on. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from advisor.model.query_plan import PlanNode

_MATTERS = 0.1
_OUTLINE_LINES = 12
_IS_DEAR = 500.0
"""In planner's units: what costs less is over in a few milliseconds."""
_MANY_ROWS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One costly step. share: of the plan's cost, 0 to 1; what: what it does; remedy: what usually helps."""

    share: float
    what: str
    remedy: str


def remarks(plan: PlanNode) -> Sequence[Remark]:
    """The steps that make up a tenth of the cost or more, the costliest first. A loop's inner side counts with it.

    Below a LIMIT the steps are priced as if they ran to their end: then the whole is what they cost together.
    """
    charged = list(_charged(plan))
    whole = max(plan.cost, sum(cost for _, cost in charged))
    found = [_remark(step, cost / whole) for step, cost in charged if whole > 0]
    return sorted((remark for remark in found if remark.share >= _MATTERS), key=lambda remark: -remark.share)


def trouble(plan: PlanNode) -> str:
    """The dearest step of those that an index or another statement could spare, in a few words; "" if there is none."""
    charged = sorted(_charged(plan), key=lambda one: -one[1])
    whole = max(plan.cost, sum(cost for _, cost in charged))
    for step, cost in charged:
        if cost >= _IS_DEAR and cost >= _MATTERS * whole and (told := _spared(step)):
            return f"{told} ({cost / whole:.0%})"
    return ""


def _spared(step: PlanNode) -> str:
    match step.kind:
        case "Seq Scan":
            return f"reads {step.table} whole"
        case "Sort" | "Incremental Sort" if step.rows >= _MANY_ROWS:
            return f"sorts {step.rows:.0f} rows"
        case "Nested Loop" if len(step.children) == 2 and not step.children[1].index:
            return f"tries {step.children[0].rows:.0f} x {step.children[1].rows:.0f} pairs"
        case "Bitmap Heap Scan" | "Index Scan" if step.rows >= _MANY_ROWS:
            return f"fetches {step.rows:.0f} rows of {step.table}"
        case _:
            return ""


def outline(plan: PlanNode) -> str:
    """The plan as an indented list, at most twelve lines."""
    lines = list(_outline(plan, 0))
    return "\n".join(lines[:_OUTLINE_LINES]) + ("\n..." if len(lines) > _OUTLINE_LINES else "")


def _charged(plan: PlanNode) -> Iterator[tuple[PlanNode, float]]:
    """Every step with its own cost. What a nested loop spends on reading a table again and again is the table's."""
    for step in plan.steps():
        own = step.own_cost
        if step.kind == "Nested Loop" and len(step.children) == 2 and step.children[1].table:
            inner = step.children[1]
            repeated = inner.cost * max(0.0, step.children[0].rows - 1)
            yield inner, min(own, repeated)
            own = max(0.0, own - repeated)
        yield step, own


def _remark(step: PlanNode, share: float) -> Remark:
    name = f"{step.schema}.{step.table}" if step.schema else step.table
    match step.kind:
        case "Seq Scan" if step.condition:
            return Remark(
                share=share,
                what=f"{name} is read whole and filtered by {step.condition}",
                remedy="an index that leads with the filter's columns; see the rule missing-index",
            )
        case "Seq Scan":
            return Remark(share=share, what=f"{name} is read whole", remedy="fewer rows: a condition or a page")
        case "Sort" | "Incremental Sort":
            return Remark(
                share=share,
                what=f"{step.rows:.0f} rows are sorted by {', '.join(step.sorted_by)}",
                remedy="an index in that order, or a smaller set to sort",
            )
        case "Bitmap Heap Scan" | "Index Scan":
            return Remark(
                share=share,
                what=f"{step.rows:.0f} rows of {name} are fetched one by one for {step.condition}",
                remedy="a more selective condition, or an index that covers the columns",
            )
        case "Nested Loop" if len(step.children) == 2:
            outer, inner = (child.rows for child in step.children)
            return Remark(
                share=share,
                what=f"{outer:.0f} x {inner:.0f} pairs of rows are tried one by one for {step.condition or 'nothing'}",
                remedy="a condition that equates indexed columns, so that no pairs have to be tried",
            )
        case "Hash Join" | "Merge Join" | "Hash":
            return Remark(
                share=share,
                what=f"a {step.kind.lower()} brings {step.rows:.0f} rows together {step.condition}".rstrip(),
                remedy="filter before joining, or index the joined column",
            )
        case _:
            return Remark(
                share=share, what=f"{step.kind.lower()} of {step.rows:.0f} rows {name}".rstrip(), remedy="fewer rows"
            )


def _outline(step: PlanNode, depth: int) -> Iterator[str]:
    where = f" on {step.table}" if step.table else ""
    using = f" using {step.index}" if step.index else ""
    size = f"(cost {step.cost:.0f}, {step.rows:.0f} rows)"
    yield f"{'  ' * depth}{step.kind}{using}{where} {size} {step.condition}".rstrip()
    for child in step.children:
        yield from _outline(child, depth + 1)
