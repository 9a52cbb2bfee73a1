"""What the advisor asks of a database by itself is known as its own, and never counts as the application's work."""

from contextlib import ExitStack

import psycopg
from pydantic import SecretStr

from advisor.clients.named_sql import MARK
from advisor.knobs.postgres.builder_session import builder_session
from advisor.model.snapshot import SourceStatus
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
    ours = [text for text in texts if text.endswith(MARK)]
    # Four of the builder, what the limits of a session are, and the three that carry every read.
    assert len(ours) == 8, ours
    assert [text for text in texts if "pg_class" in text and not text.endswith(MARK)] == []


def test_a_role_without_the_language_of_the_block_reads_all_the_same(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC")
        connection.execute("CREATE ROLE wordless LOGIN PASSWORD 'x' IN ROLE pg_monitor")
        try:
            dsn = SecretStr(psycopg.conninfo.make_conninfo(database, user="wordless", password="x"))
            seen = PostgresSource(PostgresSettings(dsn=dsn), FakeClock()).read(60)
            assert seen.status is SourceStatus.OK, seen.detail
        finally:
            connection.execute("DROP ROLE wordless")
