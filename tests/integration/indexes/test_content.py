"""Conditions on the content of documents and arrays: an index, or advice that is not priced, and never silence."""

import psycopg
import pytest
from pydantic import SecretStr

from advisor.model.database.index_advice import WorkloadStatement
from advisor.model.proposal import Proposal
from advisor.settings.guide import GuideSettings, QueryGuide
from advisor.settings.postgres import PostgresSettings
from advisor.settings.schema import Settings
from advisor.whatif.index.advice import Limits
from advisor.wiring.indexes import advise_on_indexes
from advisor_rules.indexes.missing_index import MISSING_INDEX
from tests.integration.postgres.watching import Watcher, run

EVENTS = (
    "CREATE TABLE event (id bigint PRIMARY KEY, data jsonb NOT NULL, tags text[] NOT NULL, body text)",
    "INSERT INTO event SELECT g, jsonb_build_object('user', g % 5000, 'name', 'n' || g % 8000), ARRAY['t' || g % 4000],"
    " repeat('b', 90) FROM generate_series(1, 40000) g",
    "VACUUM (ANALYZE) event",
)
READS = {
    "document key": "SELECT id FROM event WHERE data ->> 'name' = 'n5'",
    "document content": """SELECT id FROM event WHERE data @> '{"user": 77}'""",
    "arrays that overlap": "SELECT id FROM event WHERE tags && ARRAY['t7','t9']",
    "value among many": "SELECT id FROM event WHERE 't7' = ANY(tags)",
}
EVERY = GuideSettings(query=QueryGuide(slow_mean_seconds="1ms", smallest_load_ratio=0.0001))


@pytest.mark.parametrize("server", ["hypopg_database", "database"])
def test_whoever_asks_by_content_is_told_which_index_would_serve(server: str, request: pytest.FixtureRequest) -> None:
    dsn: str = request.getfixturevalue(server)
    run(dsn, *EVENTS)
    watcher = Watcher(dsn)
    watcher.look()
    with psycopg.connect(dsn, autocommit=True) as application:
        for _ in range(12):
            for read in READS.values():
                application.execute(read.encode())
    findings, proposals = watcher.ask(MISSING_INDEX, EVERY)
    assert len(findings) == len(proposals) == len(READS)
    assert {finding.subject.name for finding in findings} == {"event"}
    causes = {finding.key.rpartition("/")[2]: finding.cause for finding in findings}
    by_key = next(cause for cause in causes.values() if "data ->> $1" in cause)
    assert "it needs an index on public.event ((data ->> $1)), which is advised but not priced" in by_key
    runnable(dsn, proposals)

    settings = Settings(postgres=PostgresSettings(dsn=SecretStr(dsn)))
    advice = advise_on_indexes(settings, None, Limits(), None)
    left = {one.id: one.reason for one in advice.skipped if "advised but not priced" in one.reason}
    helped = {one.id for suggestion in advice.indexes for one in suggestion.queries}
    assert causes.keys() <= left.keys() | helped


PLACES = (
    "CREATE EXTENSION pg_trgm",
    "CREATE TABLE place (id bigint PRIMARY KEY, name text, tags text[], data jsonb, words tsvector, during int8range)",
    "INSERT INTO place SELECT g, md5(g::text), ARRAY['t' || g % 4000], jsonb_build_object('ref', md5(g::text)),"
    " to_tsvector('simple', 'w' || g % 3000 || ' common'), int8range(g * 10, g * 10 + 5)"
    " FROM generate_series(1, 40000) g",
    "VACUUM (ANALYZE) place",
)
BY_CONTENT = {
    "trigrams": ("SELECT id FROM place WHERE name ILIKE '%a1b2c3%'", "gin"),
    "array": ("SELECT id FROM place WHERE tags @> ARRAY['t7']", "gin"),
    "document": ("""SELECT id FROM place WHERE data @> '{"ref": "c4ca4238a0b923820dcc509a6f75849b"}'""", "gin"),
    "full text": ("SELECT id FROM place WHERE words @@ to_tsquery('simple', 'w77')", "gin"),
    "range": ("SELECT id FROM place WHERE during @> 777::bigint", "gist"),
}


def test_what_hypopg_does_not_know_is_priced_on_a_clone(hypopg_database: str) -> None:
    run(hypopg_database, *PLACES)
    statements = [WorkloadStatement(id=name, text=text) for name, (text, _) in BY_CONTENT.items()]
    settings = Settings(postgres=PostgresSettings(dsn=SecretStr(hypopg_database)))
    advice = advise_on_indexes(settings, statements, Limits(), None)
    found = {(one.queries[0].id, one.design.access_method, one.method) for one in advice.indexes}
    assert found == {(name, method, "clone") for name, (_, method) in BY_CONTENT.items()}
    assert not advice.skipped
    # Where HypoPG is asked for by name, it stays at that, and what it cannot price is told.
    by_name = advise_on_indexes(settings, statements, Limits(), "hypopg")
    assert by_name.indexes == ()
    assert {one.id for one in by_name.skipped} >= {"array", "document", "full text", "range"}


def runnable(dsn: str, proposals: list[Proposal]) -> None:
    """Whatever is advised as SQL alone is SQL that runs, and that can be undone."""
    for proposal in {p.apply: p for p in proposals if p.apply.startswith("CREATE INDEX")}.values():
        run(dsn, proposal.apply)
        run(dsn, proposal.undo)
