"""Which planner prices: HypoPG where the database has it, else a clone of our own, else the statistics alone."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import Any

import psycopg

from advisor.model.errors import ConfigurationError
from advisor.sql.statement import StatementShape
from advisor.whatif.index.catalogue import Catalogue
from advisor.whatif.index.clone import ClonePricing
from advisor.whatif.index.clone_build import build
from advisor.whatif.index.clone_source import read_blueprint
from advisor.whatif.index.heuristic import HeuristicPricing
from advisor.whatif.index.hypopg import HypopgPricing
from advisor.whatif.index.planner_port import Pricing

StartServer = Callable[[Mapping[str, str]], AbstractContextManager[str]]

# No file of the clone's may hold what its statements say: they carry users' data.
CLONE_SETTINGS = {
    "shared_preload_libraries": "",
    "autovacuum": "off",
    "log_min_messages": "panic",
    "log_min_error_statement": "panic",
    "max_connections": "5",
    "shared_buffers": "16MB",
    "max_locks_per_transaction": "1024",
}


@dataclass(slots=True)
class PlannerChoice:
    """wanted: "hypopg", "clone", "heuristic", or None for the first that can be had. start_server: gives the connection
    string of a PostgreSQL 18 of our own with these settings, None where there is none. What is started lives as long as
    `stack`. notes: what the reader of the advice should know of the planner."""

    connection: psycopg.Connection[Any]
    stack: ExitStack
    wanted: str | None = None
    start_server: StartServer | None = None
    notes: list[str] = field(default_factory=list)

    def pricing(self, catalogue: Catalogue, shapes: Mapping[str, StatementShape]) -> Pricing:
        """shapes: of the statements, by the text they are planned as. Raises ConfigurationError when the one that is
        wanted cannot be had."""
        if "hypopg" in catalogue.extensions and self.wanted in (None, "hypopg"):
            return HypopgPricing(self.connection, catalogue)
        if self.wanted == "hypopg":
            raise ConfigurationError("HypoPG is not installed", where="postgres.dsn", fix="CREATE EXTENSION hypopg")
        if self.start_server is not None and self.wanted != "heuristic":
            return self._clone(catalogue, self.start_server)
        if self.wanted == "clone":
            raise ConfigurationError("no PostgreSQL for a clone", where="planner", fix="install tuning-advisor[demo]")
        return HeuristicPricing(self.connection, catalogue, shapes)

    def _clone(self, catalogue: Catalogue, start_server: StartServer) -> Pricing:
        blueprint = read_blueprint(self.connection, sorted(catalogue.tables))
        dsn = self.stack.enter_context(start_server(CLONE_SETTINGS))
        connection = self.stack.enter_context(psycopg.connect(dsn, autocommit=True, prepare_threshold=None))
        extensions = [(name, schema) for name, schema in catalogue.extensions.items() if name != "hypopg"]
        clone = build(connection, blueprint, extensions, sorted(catalogue.relations.views.items()))
        path = ", ".join('"' + name.replace('"', '""') + '"' for name in catalogue.relations.search_path)
        connection.execute("SELECT set_config('search_path', %s, false)", (path,))
        self.notes += clone.missing
        return ClonePricing(clone, catalogue)
