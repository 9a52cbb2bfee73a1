"""What the tests of the database rules share: a source that takes looks, and a rule asked about the last one."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import psycopg
from pydantic import SecretStr

from advisor.clock import SystemClock
from advisor.model.database.workload import DatabaseState
from advisor.model.finding import Finding
from advisor.model.proposal import Proposal
from advisor.model.snapshot import Observation, Snapshot
from advisor.ports.rule import Rule, RuleContext
from advisor.settings.applications import ApplicationSettings
from advisor.settings.guide import GuideSettings
from advisor.settings.postgres import PostgresSettings
from advisor.sources.postgres.plans import PlanningBudget, PostgresStatementPlanner
from advisor.sources.postgres.session import read_only_session
from advisor.sources.postgres.source import PostgresSource
from advisor.testing.models import FakeAutoscalerModel, FakeLoadClassifier
from advisor.whatif.cache import ReuseCache
from advisor.whatif.index.connection import planning_connection
from advisor.whatif.index.planner import PostgresIndexPlanner
from advisor.whatif.pool import ErlangPool


class Watcher:
    """Looks at one database as the daemon does."""

    def __init__(self, dsn: str, **settings: Any) -> None:
        self.settings = PostgresSettings(dsn=SecretStr(dsn), **settings)
        self.clock = SystemClock()
        self.source = PostgresSource(self.settings, self.clock)

    def observe(self) -> Observation:
        return self.source.read(window_seconds=3600)

    def look(self) -> DatabaseState:
        return self.observe().databases["main"]

    def snapshot(self) -> Snapshot:
        seen = self.observe()
        look = seen.databases["main"]
        return Snapshot(taken_at=look.taken_at, window_seconds=look.window_seconds, databases=seen.databases)

    def context(self, guide: GuideSettings | None = None, **more: Any) -> RuleContext:
        budget = PlanningBudget(self.settings.planning_seconds, self.clock)

        assert self.settings.dsn is not None
        connect = partial(planning_connection, self.settings.dsn, self.settings.timeout_seconds)

        def session() -> Any:
            assert self.settings.dsn is not None
            return read_only_session(self.settings.dsn, self.settings.timeout_seconds)

        return RuleContext(
            guide=guide or GuideSettings(),
            pool_model=ErlangPool(),
            cache_model=ReuseCache(),
            autoscaler_model=FakeAutoscalerModel(),
            load_classifier=FakeLoadClassifier(),
            index_planners={"main": PostgresIndexPlanner(connect)},
            statement_planners={"main": PostgresStatementPlanner(session, budget, self.clock)},
            **more,
        )

    def ask(self, rule: Rule, guide: GuideSettings | None = None) -> tuple[Sequence[Finding], Sequence[Proposal]]:
        """The rule's findings about the database now, and what it proposes."""
        return ask(rule, self.snapshot(), self.context(guide))


def ask(rule: Rule, snapshot: Snapshot, context: RuleContext) -> tuple[Sequence[Finding], Sequence[Proposal]]:
    """The needs are met; then the findings and what is proposed for them."""
    assert [reason for need in rule.needs if (reason := need.missing(snapshot))] == []
    findings = rule.diagnose(snapshot, context)
    return findings, [p for finding in findings for p in rule.propose(finding, snapshot, context)]


def run(dsn: str, *statements: str, times: int = 1) -> None:
    """Statements on a connection of their own, each committed at once."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for _ in range(times):
            for statement in statements:
                connection.execute(statement.encode())


def an_application(name: str, **settings: Any) -> ApplicationSettings:
    return ApplicationSettings(name=name, **settings)
