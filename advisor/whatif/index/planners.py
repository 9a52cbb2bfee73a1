"""Which planner prices: HypoPG where the database has it, else a clone of our own, else the statistics alone."""

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
        if "hypopg" in catalogue.extensions and self.wanted in (None, "hypopg"):
            hypothetical = HypopgPricing(self.connection, catalogue)
            self.stack.callback(hypothetical.close)
            return hypothetical
        if self.wanted == "hypopg":
            raise ConfigurationError("HypoPG is not installed", where="postgres.dsn", fix="CREATE EXTENSION hypopg")
        clones = self._clones()
        if self.wanted == "clone" and clones is None:
            raise ConfigurationError("no PostgreSQL for a clone", where="planner", fix=install("clone"))
        if clones is not None and self.wanted != "heuristic":
            try:
                pricing = clones.pricing(self.connection, catalogue, self.stack, self.seconds_left)
            except SourceUnavailableError as error:
                if self.wanted == "clone":
                    raise
                self.notes.append(f"by the statistics alone, for there is no planner: {error}")
            else:
                self.notes += clones.missing
                return pricing
        return HeuristicPricing(self.connection, catalogue, shapes)

    def _clones(self) -> CloneKeeper | None:
        if self.clones is not None or self.start_server is None:
            return self.clones
        clones = CloneKeeper(self.start_server)
        self.stack.callback(clones.close)
        return clones
