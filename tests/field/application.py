"""An order tracking: plain WSGI in threads under gunicorn, SQLAlchemy on psycopg, a cache in Redis, and the agents.

TRACKING_... variables say where its servers are, how large its pool is and how long its caches keep an entry.
"""

import asyncio
import json
import os
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from prometheus_client import Counter, Histogram
from redis.asyncio import Redis
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from advisor_agents import CONTENT_TYPE, Agent, Bounds, metrics_page
from advisor_agents.redis_board import RedisBoard
from advisor_agents.redis_tier import RedisTier

APP = "tracking"
_CARRIER_SECONDS = 0.12
"""How long the carrier takes for a label; the order's transaction is held meanwhile: common, and why pools run out."""
_WHEREABOUTS_SECONDS = 0.03

_ORDERS = text(
    "SELECT id, status, total_cents, placed_at FROM orders WHERE customer_id = :id ORDER BY placed_at DESC LIMIT 20"
)
_ORDER = text("SELECT address FROM orders WHERE id = :id")
_DISPATCH = text("INSERT INTO dispatches (order_id, carrier) VALUES (:id, 'parcel post') RETURNING id")
_SIGHTINGS = text("SELECT place, count(*) AS sightings FROM sightings WHERE parcel_id = :id GROUP BY place")

_REQUESTS = Counter("http_requests_total", "Requests by route and status.", ["method", "route", "status"])
_SECONDS = Histogram(
    "http_request_duration_seconds",
    "Time to answer.",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 2, 5),
)


class Tracking:
    """The WSGI application of one process. `begin` is called in each worker, once it is forked."""

    def __init__(self, variables: dict[str, str]) -> None:
        redis_url = variables["TRACKING_REDIS_URL"]
        self.engine: Engine = create_engine(
            variables["TRACKING_DATABASE_URL"],
            pool_size=int(variables["TRACKING_POOL_SIZE"]),
            max_overflow=0,
            pool_timeout=2.0,
        )
        self._agent = Agent(APP, RedisBoard(redis_url))
        self._agent.watch_pool(self.engine, bounds={"db.pool_size": Bounds(minimum=1, maximum=20)})
        self._parcels = self._agent.cache(
            "parcels",
            ttl_seconds=float(variables["TRACKING_L1_TTL"]),
            max_items=2000,
            l2=RedisTier(Redis.from_url(redis_url), namespace=APP, ttl_seconds=float(variables["TRACKING_L2_TTL"])),
        )
        self._loop = asyncio.new_event_loop()
        self._routes: dict[tuple[str, str], Callable[[int], Any]] = {
            ("GET", "customers"): self.customer,
            ("POST", "orders"): self.dispatch,
            ("GET", "parcels"): self.parcel,
        }

    def begin(self) -> None:
        """Threads do not outlive a fork: the loop of the cache and the agent start here."""
        self.engine.dispose(close=False)
        threading.Thread(target=self._loop.run_forever, daemon=True, name="cache").start()
        self._agent.start()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if path == "/metrics":
            start_response("200 OK", [("Content-Type", CONTENT_TYPE)])
            return [metrics_page()]
        kind, _, number = path.strip("/").partition("/")
        handler = self._routes.get((method, kind))
        if handler is None or not number.isdecimal():
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"no such page\n"]
        return self._measured(method, kind, lambda: handler(int(number)), start_response)

    def customer(self, number: int) -> Any:
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(_ORDERS, {"id": number}).mappings()]

    def dispatch(self, number: int) -> Any:
        with self.engine.begin() as connection:
            address = connection.execute(_ORDER, {"id": number}).scalar_one()
            time.sleep(_CARRIER_SECONDS)
            return {"dispatch": connection.execute(_DISPATCH, {"id": number}).scalar_one(), "to": address}

    def parcel(self, number: int) -> Any:
        """The cache belongs to a loop; this thread waits for it."""
        asked = self._parcels.get_or_load(str(number), lambda: asyncio.to_thread(self._whereabouts, number))
        return asyncio.run_coroutine_threadsafe(asked, self._loop).result(timeout=5)

    def _whereabouts(self, number: int) -> dict[str, int]:
        with self.engine.connect() as connection:
            rows = connection.execute(_SIGHTINGS, {"id": number}).all()
        time.sleep(_WHEREABOUTS_SECONDS)
        return {row.place: row.sightings for row in rows}

    def _measured(
        self, method: str, route: str, answer: Callable[[], Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        started, status = time.monotonic(), "500 Internal Server Error"
        try:
            body = json.dumps(answer(), default=str).encode()
            status = "200 OK"
        except PoolTimeoutError:
            body, status = b"no database connection in time\n", "503 Service Unavailable"
        finally:
            _REQUESTS.labels(method, route, status[:3]).inc()
            _SECONDS.labels(method, route).observe(time.monotonic() - started)
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]


def create_app() -> Tracking:
    """What gunicorn asks for; with `preload_app` it does so once, before it forks."""
    return Tracking(dict(os.environ))
