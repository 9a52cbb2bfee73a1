"""The application. `Agent`, `watch_pool` and `cache` are all it takes to take the agents in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, HTTPException, Response
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from advisor.demo.voiceassist.configuration import Configuration
from advisor.demo.voiceassist.measured import MeasuredRequests
from advisor_agents import CONTENT_TYPE, Agent, Bounds, metrics_page
from advisor_agents.redis_board import RedisBoard
from advisor_agents.redis_tier import RedisTier

APP = "voiceassist"

_MESSAGES = text("SELECT id, role, body FROM messages WHERE conversation_id = :id ORDER BY created_at LIMIT 50")
_CONVERSATION = text("SELECT title FROM conversations WHERE id = :id")
_REPLY = text("INSERT INTO messages (conversation_id, role, body) VALUES (:id, 'assistant', :body) RETURNING id")
_DOCUMENTS = text("SELECT topic, count(*), sum(length(body)) FROM documents WHERE user_id = :id GROUP BY topic")


def create_app(configuration: Configuration) -> FastAPI:
    """The application with its pool, its cache and the agents that watch them."""
    engine = create_async_engine(
        configuration.database_url,
        pool_size=configuration.pool_size,
        max_overflow=configuration.max_overflow,
        pool_timeout=configuration.pool_timeout_seconds,
    )
    redis = Redis.from_url(configuration.redis_url)
    agent = Agent(APP, RedisBoard(configuration.redis_url))
    agent.watch_pool(engine, bounds={"db.pool_size": Bounds(minimum=1, maximum=40)})
    dashboards = agent.cache(
        "dashboards",
        ttl_seconds=configuration.l1_ttl_seconds,
        max_items=1000,
        l2=RedisTier(redis, namespace=APP, ttl_seconds=configuration.l2_ttl_seconds),
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        agent.start()
        yield
        agent.stop()
        await redis.aclose()
        await engine.dispose()

    app = FastAPI(title="VoiceAssist", lifespan=lifespan)
    app.add_middleware(MeasuredRequests)
    leaked: list[Any] = []

    @app.exception_handler(PoolTimeoutError)
    async def no_connection(_: Any, __: PoolTimeoutError) -> Response:
        return Response("no database connection in time", status_code=503)

    @app.get("/conversations/{conversation_id}/messages")
    async def messages(conversation_id: int) -> list[dict[str, Any]]:
        async with engine.connect() as connection:
            rows = (await connection.execute(_MESSAGES, {"id": conversation_id})).mappings()
            return [dict(row) for row in rows]

    @app.post("/conversations/{conversation_id}/replies")
    async def reply(conversation_id: int) -> dict[str, Any]:
        """Asks the model inside the transaction: common, and the reason why the pool runs out."""
        async with engine.begin() as connection:
            title = (await connection.execute(_CONVERSATION, {"id": conversation_id})).scalar()
            if title is None:
                raise HTTPException(404)
            await asyncio.sleep(configuration.model_seconds)
            inserted = await connection.execute(_REPLY, {"id": conversation_id, "body": f"about {title}"})
            return {"id": inserted.scalar_one()}

    @app.get("/users/{user_id}/dashboard")
    async def dashboard(user_id: int) -> Any:
        return await dashboards.get_or_load(str(user_id), lambda: _load_dashboard(engine, user_id, configuration))

    @app.get("/users/{user_id}/export")
    async def export(user_id: int) -> dict[str, int]:
        connection = await engine.connect()
        if configuration.leaks:
            leaked.append(connection)  # the fault: an early return, and nobody closes it
            return {"user": user_id}
        await connection.close()
        return {"user": user_id}

    _add_operations(app)
    return app


def _add_operations(app: FastAPI) -> None:
    """What operators ask for."""

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/metrics")
    async def metrics() -> Response:
        return Response(metrics_page(), media_type=CONTENT_TYPE)


async def _load_dashboard(engine: AsyncEngine, user_id: int, configuration: Configuration) -> dict[str, Any]:
    """The user's documents by topic, and what the summary service makes of them."""
    async with engine.connect() as connection:
        rows = (await connection.execute(_DOCUMENTS, {"id": user_id})).all()
    await asyncio.sleep(configuration.summary_seconds)
    return {"user": user_id, "topics": {topic: {"documents": count, "characters": size} for topic, count, size in rows}}
