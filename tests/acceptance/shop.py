"""A shop under steady load, as small as an application with agents in it can be: `python shop.py PORT [LARGEST]`.

Its one setting is the size of a pool, 5 at the start; the larger it is, the shorter its callers wait for a connection:
0.4 s / size. It refuses sizes over LARGEST. The board is given by SHOP_BOARD, a Redis URL or the path of a file.
Everything else about it is real: the agent, the board, the metrics. Load comes from a fixed seed.
"""

import os
import random
import sys
import time

from prometheus_client import Counter, Histogram, start_http_server

from advisor_agents import Agent, Board, Bounds, FileBoard
from advisor_agents.instruments import instruments
from advisor_agents.redis_board import RedisBoard

APP = "shop"
KNOB = "db.pool_size"
_REQUESTS_PER_SECOND = 50
_START_SIZE = 5


class Pool:
    def __init__(self) -> None:
        self.size = _START_SIZE

    def read(self) -> float:
        return self.size

    def resize(self, size: float) -> None:
        self.size = int(size)


def main() -> None:
    port, largest = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100
    pool = Pool()
    agent = Agent(APP, _board(os.environ["SHOP_BOARD"]), poll_seconds=0.1)
    agent.knob(KNOB, read=pool.read, apply=pool.resize, bounds=Bounds(minimum=1, maximum=largest))
    agent.start()
    start_http_server(port, addr="127.0.0.1")
    serve(pool)


def serve(pool: Pool) -> None:
    """Answer requests for ever, each after a wait for a connection."""
    requests = Counter("http_requests_total", "Requests.", ["method", "route", "status"])
    seconds = Histogram("http_request_duration_seconds", "Time to answer.", ["method", "route"])
    waits = instruments().pool_wait.labels(APP, "main")
    source = random.Random(7)
    due = time.monotonic()
    while True:
        due += 1 / _REQUESTS_PER_SECOND
        time.sleep(max(0.0, due - time.monotonic()))
        waits.observe(0.4 / pool.size * source.uniform(0.8, 1.2))
        requests.labels("GET", "/", 200).inc()
        seconds.labels("GET", "/").observe(0.05 * source.uniform(0.8, 1.2))


def _board(address: str) -> Board:
    return RedisBoard(address) if address.startswith("redis") else FileBoard(address)


if __name__ == "__main__":
    main()
