"""Which indexes hang on the constants of single statements, each with its own. Asks the planner through the costs.

A search with another draw changes all statements alike: fewer rows meet every condition, or more do. The constants of
an application go each their own way. So every exchange of the advised set (an index out, another of its table in its
place, one more) is weighed with the draw of one statement that speaks most for it, while the others keep theirs. What
would then be worth its while, or be a tie, hangs on that draw: which of two sets with the same score is found depends
on where the search began. (Were all to have such draws at once, every index but one or two would hang on them.)
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from advisor.model.database.index_design import IndexDesign
from advisor.sql.relations import TableName
from advisor.whatif.index.search.candidate_pool import NOTHING, Mask, singles
from advisor.whatif.index.search.costs import DEARER, Answer, Objective, WhatIfCosts, WorkloadQuery
from advisor.whatif.index.search.ways import OtherStatement

_LITTLE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One statement with one draw. before: its plan as things are. other: None for the draw that was taken."""

    query: WorkloadQuery
    before: Answer
    other: OtherStatement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCall:
    """An index, chosen or not, and the statements whose draws decide on it."""

    design: IndexDesign
    statements: tuple[OtherStatement, ...]


@dataclass(frozen=True)
class CloseCalls:
    """advised: the set that was chosen. others: each statement with other draws, by its id. objective: that of the
    search, with any base."""

    costs: WhatIfCosts
    queries: Sequence[WorkloadQuery]
    advised: Mask
    others: Mapping[str, Sequence[OtherStatement]]
    objective: Objective

    def found(self) -> Iterator[CloseCall]:
        """Those on which constants decide; a design may come more than once."""
        pool = self.costs.pool
        wished = self._wished
        yield from self._harmful()
        for one in singles(self.advised):
            table = _table(pool.of(one)[0])
            rivals = [rival for rival in singles(wished & ~self.advised) if _table(pool.of(rival)[0]) == table]
            for added in (NOTHING, *rivals):
                yield from self._weighed(one, added)
        for added in singles(wished & ~self.advised):
            yield from self._weighed(NOTHING, added)

    @cached_property
    def cases(self) -> Mapping[str, Sequence[Case]]:
        """Of each statement, the draw that was taken first, then each other text once."""
        found: dict[str, list[Case]] = {}
        for query in self.queries:
            cases = found[query.id] = [Case(query=query, before=self.costs.answer(query, NOTHING))]
            for other in self.others.get(query.id, ()):
                drawn = replace(other.query, weight=query.weight)
                if drawn.text not in {case.query.text for case in cases}:
                    cases.append(Case(query=drawn, before=self.costs.answer(drawn, NOTHING), other=other))
        return found

    @cached_property
    def _wished(self) -> Mask:
        """What the best plan of a statement uses that was seen with some draw."""
        wished = NOTHING
        for cases in self.cases.values():
            for case in cases:
                wished |= self.costs.best(case.query).used
        return wished

    def _harmful(self) -> Iterator[CloseCall]:
        """What makes a statement dearer with another draw: the search keeps no such index."""
        for cases in self.cases.values():
            for case in cases[1:]:
                now = self.costs.answer(case.query, self.advised)
                if case.other is not None and now.planner_cost > case.before.planner_cost * DEARER:
                    for design in self.costs.pool.of(now.used):
                        yield CloseCall(design=design, statements=(case.other,))

    def _weighed(self, removed: Mask, added: Mask) -> Iterator[CloseCall]:
        """The indexes of the exchange, where a draw of one statement decides whether it is worth its while."""
        after = self.advised & ~removed | added
        worse = self.objective.writes(added) - self.objective.writes(removed)
        swings: list[tuple[float, OtherStatement]] = []
        for cases in self.cases.values():
            taken, *others = [(case, self._worse(case, after)) for case in cases]
            worse += taken[1]
            least = min(others, key=lambda one: one[1], default=taken)
            if least[0].other is not None:
                swings.append((taken[1] - least[1], least[0].other))
        # To leave one out, it must be worth too little; to take one in, it must be worth enough.
        enough = self.objective.least_gain(self.queries)
        limit = enough if not added else -enough if not removed else 0.0
        deciding = tuple(other for swing, other in swings if swing > _LITTLE and worse - swing < limit)
        if deciding:
            for design in self.costs.pool.of(removed | added):
                yield CloseCall(design=design, statements=deciding)

    def _worse(self, case: Case, after: Mask) -> float:
        now, then = self.costs.answer(case.query, self.advised), self.costs.answer(case.query, after)
        if now is then:
            return 0.0
        objective = replace(self.objective, base={case.query.id: case.before.cost})
        return objective.term(case.query, then.cost) - objective.term(case.query, now.cost)


def _table(design: IndexDesign) -> TableName:
    return TableName(design.schema, design.table)
