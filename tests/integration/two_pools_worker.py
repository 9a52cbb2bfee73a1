"""One worker of an application with two engines: `main` has 2 connections for ten callers, `reports` has 6 for one.

Run as a script: DSN, address of the board, seconds. Shows itself in PROMETHEUS_MULTIPROC_DIR.
"""

import sys
import threading
import time

from sqlalchemy import Engine, create_engine, text

from advisor_agents import Agent, Bounds
from advisor_agents.redis_board import RedisBoard


def call(engine: Engine, hold_seconds: float, pause_seconds: float, until: float) -> None:
    while time.monotonic() < until:
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": hold_seconds})
        time.sleep(pause_seconds)


def run(dsn: str, board: str, seconds: float) -> None:
    main, reports = (create_engine(dsn, pool_size=size, max_overflow=0, pool_timeout=30) for size in (2, 6))
    agent = Agent("two", RedisBoard(board), poll_seconds=0.2)
    agent.watch_pool(main, bounds={"db.pool_size": Bounds(minimum=1, maximum=20)})
    agent.watch_pool(reports, name="reports", bounds={"db.pool_size": Bounds(minimum=1, maximum=40)})
    agent.start()
    until = time.monotonic() + seconds
    callers = [(main, 0.05, 0.02)] * 10 + [(reports, 0.0, 0.5)]
    for engine, hold, pause in callers:
        threading.Thread(target=call, args=(engine, hold, pause, until), daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()  # until the test has ended


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2], float(sys.argv[3]))
