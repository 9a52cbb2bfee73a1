"""What a session is asked to be held to, and what is said of an address."""

import pytest
from pydantic import SecretStr

from advisor.clients.postgres import SessionLimits, connect, shown_dsn
from advisor.model.errors import ConfigurationError

READER = SessionLimits(
    application="advisor",
    connect_timeout_seconds=5,
    statement_timeout_seconds=5,
    lock_timeout_seconds=0.25,
    is_read_only=True,
)
UNREADABLE = ["postgresql://me:topsecret@[::1/shop", "host=127.0.0.1 password=topsecret colour=red"]


def test_a_reader_cannot_write_and_every_wait_has_an_end() -> None:
    assert READER.settings() == {
        "statement_timeout": "5000",
        "lock_timeout": "250",
        "idle_in_transaction_session_timeout": "60000",
        "default_transaction_read_only": "on",
        "search_path": "pg_catalog",
    }


def test_a_builder_may_write_and_a_planner_looks_for_names_where_its_role_does() -> None:
    acting = SessionLimits(
        application="builder",
        connect_timeout_seconds=5,
        statement_timeout_seconds=3600,
        lock_timeout_seconds=3,
        is_read_only=False,
        search_path=None,
    )
    assert acting.settings() == {
        "statement_timeout": "3600000",
        "lock_timeout": "3000",
        "idle_in_transaction_session_timeout": "60000",
    }


@pytest.mark.parametrize("dsn", UNREADABLE)
def test_what_is_no_connection_string_is_refused_by_its_setting_and_not_shown(dsn: str) -> None:
    connecting = connect(SecretStr(dsn), READER, where="a.b")
    for ask in (connecting.__enter__, lambda: shown_dsn(SecretStr(dsn), where="a.b")):
        with pytest.raises(ConfigurationError, match="not a connection string") as caught:
            ask()
        assert caught.value.where == "a.b"
        assert caught.value.__cause__ is None, "libpq's own words hold a piece of the password"
        assert "topsecret" not in str(caught.value)


def test_an_address_is_shown_without_user_and_password() -> None:
    assert shown_dsn(SecretStr("postgresql://me:topsecret@db:5433/shop")) == "postgres db:5433/shop"
    assert shown_dsn(SecretStr("dbname=shop password=topsecret")) == "postgres localhost:5432/shop"
