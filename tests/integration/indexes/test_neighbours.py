"""What begins like an index that is there is an extension of it, and what saves next to nothing is no advice."""

import psycopg
import pytest
from pydantic import SecretStr

from advisor.model.database.index_advice import WorkloadStatement
from advisor.settings.postgres import PostgresSettings
from advisor.settings.schema import Settings
from advisor.whatif.index.advice import Limits
from advisor.wiring.indexes import advise_on_indexes

SCHEMA = (
    # A row is seen by all, for VACUUM, once the log of its commit is on disk.
    "SET synchronous_commit = on",
    "CREATE TABLE coupon (id int PRIMARY KEY, name text NOT NULL)",
    "CREATE TABLE target (id int PRIMARY KEY, coupon_id int NOT NULL, plan_id int, metric_id int,"
    " made timestamptz NOT NULL, note text NOT NULL)",
    "INSERT INTO coupon SELECT g, 'c' || g FROM generate_series(1, 3000) g",
    "INSERT INTO target SELECT g, 1 + (g::bigint * 7919) % 3000, g % 40, g % 30, now(), repeat('n', 200)"
    " FROM generate_series(1, 60000) g",
    "CREATE INDEX target_coupon ON target (coupon_id)",
    "VACUUM ANALYZE",
)
BY_COUPON = (
    "SELECT c.id, (SELECT array_agg(t.plan_id) FROM target t WHERE t.coupon_id = c.id),"
    " (SELECT array_agg(t.metric_id) FROM target t WHERE t.coupon_id = c.id) FROM coupon c WHERE c.id < 200",
    "SELECT t.plan_id, t.made FROM target t WHERE t.coupon_id = 77",
)
BY_KEY = (
    "SELECT c.name FROM coupon c WHERE c.id = 5",
    "SELECT t.note FROM target t WHERE t.id = 77",
    "SELECT t.metric_id FROM target t WHERE t.id = 78",
)


@pytest.mark.parametrize("planner", ["hypopg", "clone"])
def test_two_indexes_on_one_key_become_one_and_the_old_one_may_go(hypopg_database: str, planner: str) -> None:
    with psycopg.connect(hypopg_database, autocommit=True) as owner:
        for text in SCHEMA:
            owner.execute(text.encode())
        statements = [WorkloadStatement(id=str(n), text=text) for n, text in enumerate((*BY_COUPON, *BY_KEY), 1)]
        settings = Settings(postgres=PostgresSettings(dsn=SecretStr(hypopg_database)))
        advice = advise_on_indexes(settings, statements, Limits(), planner)
        # Beside the primary keys nothing: from 8 units to 4 is no gain.
        (suggestion,) = advice.indexes
        assert suggestion.design.columns == ("coupon_id",)
        assert suggestion.design.include == ("made", "metric_id", "plan_id")
        (drop,) = advice.drop
        assert (drop.name, suggestion.notes) == (
            "target_coupon",
            ("it does the work of target_coupon too, which can go",),
        )
        for text in (*suggestion.ddl, drop.ddl, "VACUUM ANALYZE target"):
            owner.execute(text.encode())
        plan = "\n".join(row[0] for row in owner.execute(f"EXPLAIN {BY_COUPON[0]}".encode()))
        assert plan.count(f"Index Only Scan using {suggestion.design.name}") == 2
        owner.execute(drop.undo_ddl.encode())
