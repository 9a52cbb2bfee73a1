"""Constants that pg_stat_statements does not keep come from sessions, for the report and for the search."""

import psycopg
import pytest
from pydantic import SecretStr

from advisor.settings.postgres import PostgresSettings
from advisor.settings.schema import Settings
from advisor.whatif.index.advice import Limits
from advisor.wiring.indexes import advise_on_indexes
from tests.integration.postgres.watching import Watcher, run

DOCUMENTS = (
    "CREATE TABLE document (id bigint PRIMARY KEY, payload jsonb NOT NULL, body text)",
    "INSERT INTO document SELECT g, jsonb_build_object('kind', 'k' || g % 5000), repeat('b', 60)"
    " FROM generate_series(1, 40000) g",
    "ANALYZE document",
)
READ = "SELECT id FROM document WHERE payload ->> 'kind' = 'k77'"


@pytest.mark.parametrize("server", ["hypopg_database", "database"], ids=["the distribution's", "18"])
def test_the_key_of_a_document_is_taken_from_a_session_that_asked_by_it(
    server: str, request: pytest.FixtureRequest
) -> None:
    dsn: str = request.getfixturevalue(server)
    run(dsn, *DOCUMENTS)
    settings = Settings(postgres=PostgresSettings(dsn=SecretStr(dsn)))
    watcher = Watcher(dsn)
    with psycopg.connect(dsn, autocommit=True) as application:
        for _ in range(12):
            application.execute(READ)
        advice = advise_on_indexes(settings, None, Limits(), "heuristic")
        look = watcher.look()
    (keys,) = [one.design.keys for one in advice.indexes]
    assert [key.text for key in keys] == ["payload ->> 'kind'"]
    (seen,) = [one.seen_text for one in look.statements if one.text.startswith("SELECT id FROM document")]
    assert seen == "SELECT id FROM document WHERE (payload ->> 'kind') = $2"
    (later,) = [one.seen_text for one in watcher.source.with_seen_constants(look.statements) if one.seen_text]
    assert later == seen  # the session is gone by now
