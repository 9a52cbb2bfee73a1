"""The places where the agents' entries hang, when they are not as they should be."""

import fcntl
import json
import os
import stat
from pathlib import Path

import pytest
import redis

from advisor.knobs.agents.file_board import FileBoard
from advisor.knobs.agents.redis_board import RedisBoard
from advisor.model.errors import KnobBusyError, KnobError
from advisor.servers.listening import free_port

KNOB = "db.pool_size"


def test_a_file_is_replaced_whole_keeps_its_permissions_and_the_entries_of_other_knobs(tmp_path: Path) -> None:
    path = tmp_path / "board.json"
    path.write_text('{"cache.l1.ttl": {"v": 1}}')
    path.chmod(0o640)
    before = path.stat().st_ino
    board = FileBoard(path, app="shop")
    assert board.swap("shop", KNOB, seen=None, wanted='{"v": 1, "value": 12}')
    assert json.loads(path.read_text()) == {"cache.l1.ttl": {"v": 1}, KNOB: {"v": 1, "value": 12}}
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert path.stat().st_ino != before, "renamed over, never written in place"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["board.json", "board.json.lock"]


def test_a_new_file_can_be_read_by_the_application(tmp_path: Path) -> None:
    path = tmp_path / "board.json"
    FileBoard(path, app="shop").swap("shop", KNOB, seen=None, wanted="{}")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(b"{", "is not JSON"), (b"\xff\xfe", "is not JSON in UTF-8"), (b"[]", "is not a JSON object")],
)
def test_a_file_that_is_no_board_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "board.json"
    path.write_bytes(content)
    board = FileBoard(path, app="shop")
    with pytest.raises(KnobError, match=complaint):
        board.read("shop", KNOB)
    with pytest.raises(KnobError, match=complaint):
        board.swap("shop", KNOB, seen=None, wanted="{}")
    assert path.read_bytes() == content


def test_a_file_that_another_process_is_writing_is_busy(tmp_path: Path) -> None:
    board = FileBoard(tmp_path / "board.json", app="shop", lock_timeout_seconds=0.1)
    with (tmp_path / "board.json.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(KnobBusyError, match="another process is writing"):
            board.swap("shop", KNOB, seen=None, wanted="{}")
    assert board.swap("shop", KNOB, seen=None, wanted="{}"), "the lock goes with whoever held it"


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_folder_that_is_read_only_is_named_with_the_way_out(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(KnobError, match=r"cannot be written.*needs a Redis board instead"):
            FileBoard(tmp_path / "board.json", app="shop").swap("shop", KNOB, seen=None, wanted="{}")
    finally:
        tmp_path.chmod(0o700)


def test_a_folder_that_is_not_there_is_named_with_the_way_out(tmp_path: Path) -> None:
    board = FileBoard(tmp_path / "nowhere" / "board.json", app="shop")
    assert board.read("shop", KNOB) is None, "a missing board is an empty one"
    for ask in (lambda: board.swap("shop", KNOB, seen=None, wanted="{}"), lambda: board.check_writable("shop")):
        with pytest.raises(KnobError, match=r"cannot be written: No such file.*give the daemon a writable folder"):
            ask()


def test_one_file_serves_one_application(tmp_path: Path) -> None:
    with pytest.raises(KnobError, match="holds the knobs of 'shop', not of 'till'"):
        FileBoard(tmp_path / "board.json", app="shop").read("till", KNOB)


def test_asking_whether_a_board_can_be_written_writes_nothing(tmp_path: Path, valkey_url: str) -> None:
    FileBoard(tmp_path / "board.json", app="shop").check_writable("shop")
    assert list(tmp_path.iterdir()) == []
    board = RedisBoard(valkey_url)
    board.check_writable("shop")
    board.close()
    with redis.Redis.from_url(valkey_url) as client:
        assert client.dbsize() == 0


def test_agents_are_told_of_a_write_at_once_and_of_a_lost_one_never(valkey_url: str) -> None:
    board = RedisBoard(valkey_url)
    with redis.Redis.from_url(valkey_url) as client, client.pubsub(ignore_subscribe_messages=True) as channel:
        channel.subscribe("advisor:knobs:shop:changed")
        channel.get_message(timeout=1)
        assert board.swap("shop", KNOB, seen=None, wanted="first")
        assert not board.swap("shop", KNOB, seen=None, wanted="second")
        message = channel.get_message(timeout=2)
        assert message is not None
        assert message["data"] == KNOB.encode()
        assert channel.get_message(timeout=0.1) is None
        assert client.hget("advisor:knobs:shop", KNOB) == b"first"
    board.close()


def test_a_key_that_is_no_hash_is_refused_and_left_as_it_is(valkey_url: str) -> None:
    board = RedisBoard(valkey_url)
    with redis.Redis.from_url(valkey_url) as client:
        client.set("advisor:knobs:shop", "somebody's")
        for ask in (lambda: board.read("shop", KNOB), lambda: board.swap("shop", KNOB, seen=None, wanted="{}")):
            with pytest.raises(KnobError, match=r"board advisor:knobs:shop on redis:main.*WRONGTYPE.*must be a hash"):
                ask()
        assert client.get("advisor:knobs:shop") == b"somebody's"
    board.close()


def test_a_server_that_is_away_is_busy_and_its_password_is_not_told() -> None:
    board = RedisBoard(f"redis://:topsecret@127.0.0.1:{free_port()}/0", timeout_seconds=0.3)
    with pytest.raises(KnobBusyError) as caught:
        board.read("shop", KNOB)
    assert "topsecret" not in str(caught.value)
    assert "check that it runs" in caught.value.fix


def test_a_wrong_password_is_refused_for_good_and_not_told(valkey_url: str) -> None:
    port = valkey_url.rpartition(":")[2]
    board = RedisBoard(f"redis://:topsecret@127.0.0.1:{port}")
    with pytest.raises(KnobError, match="the password is refused") as caught:
        board.read("shop", KNOB)
    assert "topsecret" not in str(caught.value)
    board.close()


def test_a_user_who_may_only_read_the_board_is_told_what_is_missing(valkey_url: str) -> None:
    port = valkey_url.rpartition(":")[2]
    with redis.Redis.from_url(valkey_url) as client:
        client.acl_setuser("reader", enabled=True, passwords=["+pw"], keys=["advisor:*"], commands=["+hget", "+client"])
        board = RedisBoard(f"redis://reader:pw@127.0.0.1:{port}")
        try:
            assert board.read("shop", KNOB) is None
            with pytest.raises(KnobError, match="the user may HGET, HSET, EVALSHA"):
                board.check_writable("shop")
        finally:
            board.close()
            client.acl_deluser("reader")
