"""One search after another over the same statements, whatever constants stand in them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from advisor.model.database.index_design import IndexDesign
from advisor.sql.statement_facts import fingerprint
from advisor.whatif.index.catalogue.tables import Catalogue
from advisor.whatif.index.close_calls import CloseCall, CloseCalls
from advisor.whatif.index.drawn_constants import OTHERS, OtherOutcome, others_of
from advisor.whatif.index.search.costs import Objective, WhatIfCosts, WorkloadQuery
from advisor.whatif.index.search.lasting import with_lasting_literals
from advisor.whatif.index.search.search import Outcome, search
from advisor.whatif.index.search.ways import OtherStatement, Ways
from advisor.whatif.index.search.workload import ReadStatement, candidates_of


@dataclass(frozen=True, slots=True)
class SearchTask:
    """by_time, write_score: as `search` has them."""

    catalogue: Catalogue
    costs: WhatIfCosts
    storage_bytes: int
    by_time: bool
    write_score: Callable[[IndexDesign], float]

    def searched(self, read: Sequence[ReadStatement], asked: Mapping[str, WorkloadQuery]) -> Outcome:
        """asked: how each statement is planned, by its id. In an order that does not depend on where the statements
        come from: a file and pg_stat_statements have the same ones in another."""
        read = sorted(read, key=lambda one: (fingerprint(one.statement.text), one.statement.text))
        queries = self._weighted(read, asked)
        candidates = {
            one.statement.id: candidates_of(one, self.catalogue.tables, self.catalogue.extensions)
            for one in with_lasting_literals(read)
        }
        return search(
            queries,
            candidates,
            self.costs,
            storage_bytes=self.storage_bytes,
            by_time=self.by_time,
            write_score=self.write_score,
        )

    def _weighted(self, read: Sequence[ReadStatement], asked: Mapping[str, WorkloadQuery]) -> list[WorkloadQuery]:
        return [replace(asked[one.statement.id], weight=one.statement.load if self.by_time else 1.0) for one in read]

    def with_other_constants(
        self,
        read: Sequence[ReadStatement],
        asked: Mapping[str, WorkloadQuery],
        lacking: Mapping[str, Ways],
        calls: int,
    ) -> list[OtherOutcome] | None:
        """What is found with each of the other draws; None where the time ended before the last.

        lacking: the statements whose constants were drawn, by their id. calls: for each search.
        """
        found: list[OtherOutcome] = []
        for draw in OTHERS:
            others = others_of(lacking.values(), draw, self.catalogue.tables)
            others = {one: other for one, other in others.items() if self.costs.is_planned(other.query)}
            if self.costs.out_of_time():
                return None
            if others:
                self.costs.grant(calls)
                now = [others[one.statement.id].read if one.statement.id in others else one for one in read]
                queries = {**asked, **{one: other.query for one, other in others.items()}}
                found.append(OtherOutcome(outcome=self.searched(now, queries), changed=others))
        return None if self.costs.out_of_time() else found

    def close_calls(
        self,
        read: Sequence[ReadStatement],
        asked: Mapping[str, WorkloadQuery],
        advised: Outcome,
        others: Sequence[OtherOutcome],
        calls: int,
    ) -> list[CloseCall] | None:
        """What hangs on the constants of single statements; None where the time ended before all were weighed.

        others: the searches with each other draw. calls: for all of it.
        """
        drawn: dict[str, list[OtherStatement]] = {}
        for outcome in others:
            for one, other in outcome.changed.items():
                drawn.setdefault(one, []).append(other)
        self.costs.grant(calls)
        pool = self.costs.pool
        close = CloseCalls(
            costs=self.costs,
            queries=self._weighted(read, asked),
            advised=pool.mask_of(advised.chosen),
            others=drawn,
            objective=Objective(
                base={},
                by_time=self.by_time,
                is_guessed=pool.pricing.method == "heuristic",
                write_score=lambda number: self.write_score(pool.designs[number]),
            ),
        )
        found = list(close.found())
        return None if self.costs.out_of_time() else found
