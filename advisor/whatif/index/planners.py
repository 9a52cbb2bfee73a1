"""Which planner prices: HypoPG where the database has it and it knows the indexes that may serve, else a clone of our
own, else the statistics alone."""

import math
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import psycopg

from advisor.model.errors import ConfigurationError, SourceUnavailableError
from advisor.settings.extras import install
from advisor.sql.statement import StatementShape
from advisor.whatif.index.catalogue.tables import Catalogue
from advisor.whatif.index.clone.keeper import CloneKeeper
from advisor.whatif.index.clone.server import StartServer
from advisor.whatif.index.pricing.heuristic import HeuristicPricing
from advisor.whatif.index.pricing.hypopg import HypopgPricing
from advisor.whatif.index.pricing.planner_port import Pricing
from advisor.whatif.index.search.existing import is_there
from advisor.whatif.index.search.special import special_designs_for
from advisor.whatif.index.search.workload import why_left_alone

_OF_CONTENT = ("gin", "gist")


@dataclass(slots=True)
class PlannerChoice:
    """wanted: "hypopg", "clone", "heuristic", or None for the first that can be had. start_server: gives the connection
    string of a PostgreSQL 18 of our own with these settings, None where there is none. What is started lives as long as
    `stack`, unless it is of `clones`, who keep theirs. seconds_left: to make a clone. notes: what the reader of the
    advice should know of the planner.
    """

    connection: psycopg.Connection[Any]
    stack: ExitStack
    wanted: str | None = None
    start_server: StartServer | None = None
    clones: CloneKeeper | None = None
    seconds_left: Callable[[], float] = lambda: math.inf
    notes: list[str] = field(default_factory=list)

    def pricing(self, catalogue: Catalogue, shapes: Mapping[str, StatementShape]) -> Pricing:
        """shapes: of the statements, by the text they are planned as. Raises ConfigurationError when the one that is
        wanted cannot be had."""
        has_hypopg = "hypopg" in catalogue.extensions
        if self.wanted == "hypopg" and not has_hypopg:
            raise ConfigurationError("HypoPG is not installed", where="postgres.dsn", fix="CREATE EXTENSION hypopg")
        if has_hypopg and (
            self.wanted == "hypopg" or (self.wanted is None and not _ask_for_content(shapes, catalogue))
        ):
            return self._hypopg(catalogue)
        clones = self._clones() if self.wanted != "heuristic" else None
        if self.wanted == "clone" and clones is None:
            raise ConfigurationError("no PostgreSQL for a clone", where="planner", fix=install("clone"))
        if clones is not None:
            try:
                pricing = clones.pricing(self.connection, catalogue, self.stack, self.seconds_left)
            except SourceUnavailableError as error:
                if self.wanted == "clone":
                    raise
                self.notes.append(
                    f"by {'HypoPG' if has_hypopg else 'the statistics'} alone, for there is no clone: {error}"
                )
            else:
                self.notes += clones.missing
                return pricing
        if has_hypopg and self.wanted is None:
            return self._hypopg(catalogue)
        return HeuristicPricing(self.connection, catalogue, shapes)

    def _hypopg(self, catalogue: Catalogue) -> Pricing:
        hypothetical = HypopgPricing(self.connection, catalogue)
        self.stack.callback(hypothetical.close)
        return hypothetical

    def _clones(self) -> CloneKeeper | None:
        if self.clones is not None or self.start_server is None:
            return self.clones
        clones = CloneKeeper(self.start_server)
        self.stack.callback(clones.close)
        return clones


def _ask_for_content(shapes: Mapping[str, StatementShape], catalogue: Catalogue) -> bool:
    """Whether GIN or GiST may serve a statement, of which HypoPG knows nothing and the clone's planner all."""
    for access in (access for shape in shapes.values() for access in shape.accesses):
        facts = catalogue.tables.get(access.table)
        if facts is not None and not why_left_alone(facts):
            designs = special_designs_for(access, facts, catalogue.extensions)
            if any(one.access_method in _OF_CONTENT and not is_there(one, facts) for one in designs):
                return True
    return False
