"""Somebody moves the knob by hand while it is on trial: the change is superseded, and their value left alone."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
import redis

from advisor.model.change import State
from advisor.model.knob import knob_target
from advisor.model.proposal import Better, Goal, Prediction, Proposal
from advisor.model.signal import signal
from advisor.testing.words import a_proposal
from tests.acceptance.world import Shop, World, life, settings

BOARD = "advisor:knobs:shop"
POOL = a_proposal(current=5, proposed=12)
TABLE = "CREATE TABLE orders AS SELECT n AS id, n % 100 AS customer FROM generate_series(1, 20000) n; ANALYZE orders"
QUERY = "SELECT count(*) FROM orders WHERE customer = 7"


def test_a_hand_made_entry_on_the_board_ends_the_trial_and_stays(world: World, shop: Shop, valkey_url: str) -> None:
    world.start_advisor()
    change_id = world.order(POOL)
    world.wait_for(change_id, State.TRIAL)
    with redis.Redis.from_url(valkey_url, decode_responses=True) as client:
        written = json.loads(client.hget(BOARD, "db.pool_size") or "")
        by_hand = json.dumps({**written, "value": 20, "previous": 20, "change": "by hand", "expires_at": None})
        client.hset(BOARD, "db.pool_size", by_hand)

        settled = world.wait_for(change_id, State.SUPERSEDED)
        assert "somebody else" in settled.phases[-1].reason, life(settled)
        assert shop.becomes(20)
        assert client.hget(BOARD, "db.pool_size") == by_hand


def test_a_value_that_the_application_set_itself_ends_the_trial_and_stays(
    world: World, shop: Shop, valkey_url: str
) -> None:
    """The board is flushed and somebody else writes a value of their own, in no change's name."""
    world.start_advisor()
    change_id = world.order(POOL)
    world.wait_for(change_id, State.TRIAL)
    by_hand = json.dumps({"v": 1, "value": 7, "previous": 5, "change": "ops", "epoch": 1000})
    with redis.Redis.from_url(valkey_url, decode_responses=True) as client:
        client.flushall()
        client.hset(BOARD, "db.pool_size", by_hand)
        world.wait_for(change_id, State.SUPERSEDED)
        assert shop.becomes(7)
        assert client.hget(BOARD, "db.pool_size") == by_hand


@pytest.fixture
def index_world(world: World, database: str) -> World:
    """The world with a database in it that is asked the same question all the time."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(TABLE)
    world.secrets |= {"ADVISOR_POSTGRES__DSN": database, "ADVISOR_POSTGRES__BUILDER_DSN": database}
    world.document = settings(prometheus=world.document["prometheus"])
    return world


@contextmanager
def asked_all_the_time(dsn: str) -> Iterator[str]:
    """The query id of QUERY, which is asked twenty times a second meanwhile."""
    stop = threading.Event()

    def ask() -> None:
        with psycopg.connect(dsn, autocommit=True) as connection:
            while not stop.wait(0.05):
                connection.execute(QUERY)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        with psycopg.connect(dsn, autocommit=True) as connection:
            # The server is shared: another test's database has had the same statement, by another id.
            find = """SELECT queryid::text FROM pg_stat_statements WHERE query LIKE '%FROM orders WHERE customer%'
                AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"""
            while (row := connection.execute(find).fetchone()) is None:
                stop.wait(0.1)
        yield str(row[0])
    finally:
        stop.set()
        asking.join(timeout=10)


def an_index(queryid: str) -> Proposal:
    mean = signal("query.mean_seconds", database="main", queryid=queryid)
    ddl = 'CREATE INDEX CONCURRENTLY "adv_orders_customer" ON "public"."orders" USING btree ("customer")'
    where = {"database": "main", "schema": "public", "table": "orders", "index": "adv_orders_customer"}
    return a_proposal(
        rule="missing-index",
        target=knob_target("postgres.index", **where),
        current=None,
        proposed=ddl,
        unit="",
        prediction=Prediction(signal=mean, unit="s", low=0.0, expected=0.0002, high=0.001, model="heuristic"),
        goal=Goal(signal=mean, better=Better.LOWER, minimum_gain_ratio=0.3),
        app="",
    )


def indexes(dsn: str) -> list[str]:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'orders'").fetchall()
    return [str(row[0]) for row in rows]


def test_an_index_dropped_by_hand_is_not_built_again(index_world: World, database: str) -> None:
    with asked_all_the_time(database) as queryid:
        index_world.start_advisor()
        change_id = index_world.order(an_index(queryid))
        index_world.wait_for(change_id, State.TRIAL)
        assert len(indexes(database)) == 1
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("DROP INDEX CONCURRENTLY adv_orders_customer")
        settled = index_world.wait_for(change_id, State.SUPERSEDED)
        assert "somebody put the old value back" in settled.phases[-1].reason, life(settled)
        assert indexes(database) == []


def test_an_index_of_the_same_name_that_somebody_else_made_is_left_alone(index_world: World, database: str) -> None:
    with asked_all_the_time(database) as queryid:
        index_world.start_advisor()
        change_id = index_world.order(an_index(queryid))
        index_world.wait_for(change_id, State.TRIAL)
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(
                "BEGIN; DROP INDEX adv_orders_customer; CREATE INDEX adv_orders_customer ON orders (id); COMMIT"
            )
        settled = index_world.wait_for(change_id, State.SUPERSEDED)
        assert "somebody else" in settled.phases[-1].reason, life(settled)
        assert indexes(database) == ["CREATE INDEX adv_orders_customer ON public.orders USING btree (id)"]
