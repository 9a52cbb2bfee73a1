"""The board in a Redis hash, `advisor:knobs:<app>`, one field a knob."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr
from redis.exceptions import AuthenticationError, RedisError

from advisor.clients.redis import CHECK_ADDRESS, CHECK_LOGIN, open_client, was_cut_off
from advisor.model.errors import KnobBusyError, KnobError
from advisor.resilience.retries import ONCE_MORE, tried

_COMPARE_AND_SET = Path(__file__).with_name("compare_and_set.lua").read_text(encoding="utf-8")
_NO_KNOB, _NO_ENTRY = "advisor.check", "an entry that nobody wrote"


class RedisBoard:
    """A Board on any server that speaks Redis' protocol and runs its scripts."""

    def __init__(self, url: str, *, server: str = "main", timeout_seconds: float = 2.0) -> None:
        """`url` is redis:// or rediss:// and may hold a password; errors say `server`, its name, instead.

        Raises ConfigurationError for a bad address.
        """
        self._server = server
        self._client = open_client(SecretStr(url), timeout_seconds, name="advisor-board")
        self._compare_and_set = self._client.register_script(_COMPARE_AND_SET)

    @property
    def name(self) -> str:
        return f"redis:{self._server}"

    def read(self, app: str, knob: str) -> str | None:
        with self._translated(app):
            text = tried(lambda: self._client.hget(_key(app), knob), ONCE_MORE, on=was_cut_off)
        return text.decode(errors="replace") if isinstance(text, bytes) else text

    def swap(self, app: str, knob: str, *, seen: str | None, wanted: str) -> bool:
        with self._translated(app):
            arguments = [knob, seen if seen is not None else "", wanted, f"{_key(app)}:changed"]
            # A repeated one finds what the first has written, if it has, and says so.
            written = tried(lambda: self._compare_and_set(keys=[_key(app)], args=arguments), ONCE_MORE, on=was_cut_off)
        return bool(written == 1)

    def check_writable(self, app: str) -> None:
        """Runs the script with an entry in mind that nobody ever wrote, so that it writes nothing."""
        self.swap(app, _NO_KNOB, seen=_NO_ENTRY, wanted="")

    def close(self) -> None:
        self._client.close()

    @contextmanager
    def _translated(self, app: str) -> Iterator[None]:
        where = f"board {_key(app)} on {self.name}"
        try:
            yield
        except AuthenticationError as error:
            raise KnobError("the password is refused", where=where, fix=CHECK_LOGIN) from error
        except RedisError as error:
            if was_cut_off(error):
                what = f"the server cannot be reached or does not answer in time ({type(error).__name__})"
                raise KnobBusyError(what, where=where, fix=CHECK_ADDRESS) from error
            fix = "the key must be a hash, and the user may HGET, HSET, EVALSHA, EVAL and PUBLISH on it"
            raise KnobError(f"the server refused: {error}", where=where, fix=fix) from error
        except UnicodeDecodeError as error:
            raise KnobError("the entry is not UTF-8 text", where=where, fix="remove the field by hand") from error


def _key(app: str) -> str:
    return f"advisor:knobs:{app}"
