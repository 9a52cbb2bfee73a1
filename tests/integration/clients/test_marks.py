"""What the advisor asks of a database by itself is known as its own, and never counts as the application's work."""

from contextlib import ExitStack

import psycopg
from pydantic import SecretStr

from advisor.clients.named_sql import MARK
from advisor.knobs.postgres.builder_session import builder_session
from advisor.settings.postgres import PostgresSettings
from advisor.sources.postgres.source import PostgresSource
from advisor.testing.clock import FakeClock
from advisor.whatif.index.catalogue.reader import read_relations, read_tables
from advisor.whatif.index.clone.source import read_blueprint
from advisor.whatif.index.connection import planning_connection

SEEN = """
SELECT s.query FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
WHERE d.datname = current_database() AND s.toplevel
"""


def test_the_queries_of_reader_builder_planner_and_clone_are_all_marked(database: str) -> None:
    settings = PostgresSettings(dsn=SecretStr(database), builder_dsn=SecretStr(database))
    assert settings.dsn is not None
    with ExitStack() as stack:
        builder = stack.enter_context(builder_session(settings))
        for name in ("recovery", "builder", "active", "longest_transaction"):
            builder.rows(name)
        planner = stack.enter_context(planning_connection(settings.dsn, 5))
        catalogue = read_relations(planner)
        read_tables(planner, catalogue.relations.columns)
        read_blueprint(planner, catalogue)
    PostgresSource(settings, FakeClock()).read(60)
    with psycopg.connect(database) as connection:
        texts = [text for (text,) in connection.execute(SEEN)]
    asked = [text for text in texts if "SELECT" in text]
    assert len([text for text in asked if text.endswith(MARK)]) > 20
    assert [text for text in asked if "pg_class" in text and not text.endswith(MARK)] == []
