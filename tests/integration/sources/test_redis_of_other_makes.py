"""What a server, a service or a proxy that speaks Redis' language answers otherwise than Redis does.

SLOWLOG is parsed to pieces by clients, and its entries have a form of their own with every make: redis-py's reader has
failed on them with TypeError, a collector that used it with IndexError.
"""

import socketserver
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from pydantic import SecretStr

from advisor.model.check import CheckLine, CheckStatus
from advisor.model.errors import AdvisorError, BadDataError, SourceUnavailableError
from advisor.model.snapshot import Observation, SourceStatus
from advisor.servers.listening import free_port
from advisor.servers.valkey import binary
from advisor.settings.redis import RedisSettings
from advisor.sources.redis.check import check_redis
from advisor.sources.redis.source import RedisSource
from advisor.testing.clock import FakeClock

INFO = {
    "server": "redis_version:7.2.4\r\nuptime_in_seconds:100\r\n",
    "clients": "connected_clients:3\r\n",
    "memory": "used_memory:4096\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\n",
    "stats": "total_commands_processed:50\r\nkeyspace_hits:3\r\nkeyspace_misses:1\r\n",
    "commandstats": "cmdstat_get:calls=4,usec=8,usec_per_call=2.00\r\n",
}
PING = "*1\r\n$4\r\nPING\r\n"


def bulk(text: str) -> str:
    return f"${len(text.encode())}\r\n{text}\r\n"


def entry(command: str) -> str:
    """The newest of 15 slow commands (ids begin at 0), as the protocol writes it."""
    return f"*1\r\n*6\r\n:14\r\n:1309448221\r\n:15\r\n{command}$3\r\na:1\r\n$0\r\n\r\n"


@contextmanager
def speaking(answers: dict[str, str]) -> Iterator[RedisSettings]:
    """A server that answers as a Redis, but for the commands that begin as `answers` say; "" ends the connection."""

    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while line := self.rfile.readline():
                words = [self._word() for _ in range(int(line[1:]))]
                said = answer(words)
                if not said:
                    return
                self.wfile.write(said.encode())

        def _word(self) -> str:
            return self.rfile.read(int(self.rfile.readline()[1:]) + 2)[:-2].decode()

    def answer(words: list[str]) -> str:
        command = " ".join(words).upper()
        odd = [said for begin, said in answers.items() if command.startswith(begin)]
        if odd:
            return odd[0]
        if words[0].upper() == "INFO":
            return bulk(INFO[words[1]] if len(words) > 1 else "".join(INFO.values()))
        return {"SLOWLOG GET": entry(PING), "SLOWLOG LEN": ":15\r\n"}.get(command[:11], "+OK\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        url = f"redis://:topsecret@127.0.0.1:{server.server_address[1]}/0"
        yield RedisSettings.model_validate({"url": SecretStr(url), "timeout_seconds": "1s"})
        server.shutdown()


def read(settings: RedisSettings) -> Observation:
    source = RedisSource(settings, FakeClock())
    try:
        return source.read(60)
    finally:
        source.close()


def lines(settings: RedisSettings) -> dict[str, CheckLine]:
    return {line.name: line for line in check_redis(settings)}


def refusal(settings: RedisSettings) -> AdvisorError:
    """Of the source; the doctor says the same."""
    with pytest.raises(AdvisorError) as caught:
        read(settings)
    line = lines(settings)["redis:main"]
    assert (line.status, line.detail) == (CheckStatus.FAILED, str(caught.value))
    assert "topsecret" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    "command",
    [
        PING,
        "*2\r\n$3\r\nGET\r\n:7\r\n",  # a number where the client expects a word
        "*0\r\n",
        "$-1\r\n",  # a service that keeps the command to itself
        "$12\r\nN: 2, M: 100\r\n*1\r\n$4\r\nPING\r\n",  # Redis Enterprise says the complexity first
    ],
)
def test_a_slow_command_of_any_form_is_counted(command: str) -> None:
    with speaking({"SLOWLOG GET": entry(command).replace("*6", "*7" if "N: 2" in command else "*6")}) as settings:
        seen = read(settings)
        assert seen.caches["main"].slow_commands == 15
        assert (seen.status, seen.detail) == (SourceStatus.OK, "")
        assert all(line.status is CheckStatus.OK for line in check_redis(settings))


@pytest.mark.parametrize("said", ["*1\r\n*0\r\n", "+OK\r\n", ":7\r\n"])
def test_a_slow_log_that_is_none_costs_the_slow_commands_alone(said: str) -> None:
    with speaking({"SLOWLOG": said}) as settings:
        seen = read(settings)
        assert seen.caches["main"].hit_ratio == 0.75  # 3 of 4
        assert seen.status is SourceStatus.DEGRADED
        assert seen.detail.startswith("SLOWLOG is answered in another shape")
        found = lines(settings)
    assert found["redis:main"].status is CheckStatus.OK
    assert found["redis:main slow log"].status is CheckStatus.WARNING


@pytest.mark.parametrize(("said", "what"), [(bulk(""), "INFO says nothing"), ("$-1\r\n", "in another shape")])
def test_a_server_that_tells_nothing_is_not_taken_for_an_idle_one(said: str, what: str) -> None:
    with speaking({"INFO": said}) as settings:
        error = refusal(settings)
    assert isinstance(error, BadDataError)
    assert what in error.what
    assert "without INFO it cannot be read" in error.fix


@pytest.mark.parametrize(
    ("said", "fix"),
    [
        ("-DENIED Redis is running in protected mode\r\n", "put right what the server names"),
        ("-ERR max requests limit exceeded. Limit: 500000\r\n", "put right what the server names"),
        ("-ERR unknown command 'INFO'\r\n", "use a server or a service that answers it"),
    ],
)
def test_a_refusal_is_repeated_with_a_remedy_that_fits_it(said: str, fix: str) -> None:
    with speaking({"INFO": said}) as settings:
        error = refusal(settings)
    assert said.strip().removeprefix("-").removeprefix("ERR ") in error.what
    assert fix in error.fix


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"": "-ERR max number of clients reached\r\n"}, "max number of clients reached"),
        ({"INFO": ""}, "Connection closed by server"),  # twemproxy knows no INFO
        ({"": "HTTP/1.1 400 Bad Request\r\n\r\n"}, "HTTP/1.1 400 Bad Request"),
    ],
)
def test_what_comes_where_an_answer_should_be_is_repeated(answers: dict[str, str], said: str) -> None:
    with speaking(answers) as settings:
        error = refusal(settings)
    assert isinstance(error, SourceUnavailableError)
    assert said in error.what


@pytest.mark.servers
def test_a_sentinel_is_told_with_the_server_that_it_watches(tmp_path: Path) -> None:
    """It answers INFO as an idle server would, with a hit ratio of nothing."""
    port = free_port()
    configuration = tmp_path / "sentinel.conf"
    configuration.write_text(
        f'bind 127.0.0.1\nport {port}\ndir "{tmp_path}"\nsentinel monitor main 127.0.0.1 {free_port()} 1\n'
    )
    with subprocess.Popen([binary(), configuration, "--sentinel"], stdout=subprocess.DEVNULL) as process:
        try:
            until(lambda: answers(port))
            error = refusal(RedisSettings.model_validate({"url": SecretStr(f"redis://127.0.0.1:{port}")}))
        finally:
            process.terminate()
    assert error.what == "a Sentinel answers there, which holds no keys"
    assert error.fix.startswith("set redis.url to the address of the server that it watches: 127.0.0.1:")


def answers(port: int) -> bool:
    try:
        with redis.Redis(port=port) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def until(holds: Callable[[], bool]) -> None:
    for _ in range(200):
        if holds():
            return
        time.sleep(0.05)
    pytest.fail("the Sentinel does not answer")
