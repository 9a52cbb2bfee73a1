"""Conditions on the content of documents and arrays: an index, or advice that is not priced, and never silence."""

import psycopg
import pytest
from pydantic import SecretStr

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
    priced = {proposal.proposed for proposal in proposals if proposal.automatic}
    assert not priced or server == "database"  # HypoPG knows no GIN
    runnable(dsn, proposals)

    settings = Settings(postgres=PostgresSettings(dsn=SecretStr(dsn)))
    advice = advise_on_indexes(settings, None, Limits(), None)
    left = {one.id: one.reason for one in advice.skipped if "advised but not priced" in one.reason}
    helped = {one.id for suggestion in advice.indexes for one in suggestion.queries}
    assert causes.keys() <= left.keys() | helped


def runnable(dsn: str, proposals: list[Proposal]) -> None:
    """Whatever is advised as SQL alone is SQL that runs, and that can be undone."""
    for proposal in {p.apply: p for p in proposals if p.apply.startswith("CREATE INDEX")}.values():
        run(dsn, proposal.apply)
        run(dsn, proposal.undo)
