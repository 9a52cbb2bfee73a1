"""The benches, each on fresh ground."""

from pathlib import Path
from typing import Any

import pytest
import redis

from advisor.knobs.agents.file_board import FileBoard
from advisor.knobs.agents.redis_board import RedisBoard
from advisor_agents import FileBoard as AgentsFileBoard
from advisor_agents.redis_board import RedisBoard as AgentsRedisBoard
from tests.contract.knobs.benches import AgentBench, ClusterBench, ContractGitOpsBench, IndexBench, MemoryBench

BOARDS = ["file", pytest.param("redis", marks=pytest.mark.servers)]
INSTANCED = ["memory", *BOARDS]
DATABASES = [pytest.param(name, marks=pytest.mark.servers) for name in ("postgres-18", "postgres-15")]
KINDS = [*INSTANCED, "cluster", "git", *DATABASES]


@pytest.fixture(params=KINDS)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Every kind of knob."""
    return _bench(request, tmp_path)


@pytest.fixture(params=INSTANCED)
def instanced(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """The knobs with several instances and a dead man's switch."""
    return _bench(request, tmp_path)


@pytest.fixture(params=BOARDS)
def agents(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """The knobs with real agents."""
    return _bench(request, tmp_path)


@pytest.fixture(params=DATABASES)
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """The index knob on both servers."""
    return _bench(request, tmp_path)


def _bench(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    match request.param:
        case "memory":
            return MemoryBench()
        case "cluster":
            return ClusterBench()
        case "file":
            path = tmp_path / "board.json"
            return AgentBench(FileBoard(path, app="shop"), AgentsFileBoard(path), path.unlink)
        case "git":
            return ContractGitOpsBench(tmp_path)
        case "redis":
            return _redis_bench(request, request.getfixturevalue("valkey_url"))
        case "postgres-18":
            return IndexBench(request.getfixturevalue("database"))
        case _:
            return IndexBench(request.getfixturevalue("hypopg_database"))


def _redis_bench(request: pytest.FixtureRequest, url: str) -> AgentBench:
    board, client = RedisBoard(url), redis.Redis.from_url(url)
    request.addfinalizer(board.close)
    request.addfinalizer(client.close)
    return AgentBench(board, AgentsRedisBoard(url), client.flushall)
