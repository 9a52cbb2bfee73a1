"""What of a connection string is wrong is named, and no password with it."""

import pytest
from pydantic import SecretStr

from advisor.clients.postgres_address import PostgresAddress
from advisor.model.errors import ConfigurationError


@pytest.mark.parametrize(
    ("dsn", "named"),
    [
        ("postgresql://u:secret@h/d?connection_limit=5", "'connection_limit'"),
        ("postgresql://u:secret@h/d?sslmode=require&pgbouncer=true", "'pgbouncer'"),
        ("postgresql+asyncpg://u:secret@h/d?ssl=require", "'ssl'"),
        ("mysql://u:secret@h/d", "mysql://"),
        ("jdbc:postgresql://h/d?user=u&password=secret", "jdbc:postgresql://"),
    ],
)
def test_the_part_that_is_wrong_is_named(dsn: str, named: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        PostgresAddress.of(SecretStr(dsn), "postgres.dsn")
    assert named in str(caught.value)
    assert "postgres.dsn" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql+psycopg://u:p%40ss@h:5/d?schema=app&sslmode=require",
        "postgres+psycopg2://u:p%40ss@h:5/d?sslmode=require&schema=app",
        "postgresql+asyncpg://u:p%40ss@h:5/d?options=-csearch_path%3Dapp&sslmode=require",
    ],
)
def test_forms_of_other_libraries_are_understood(dsn: str) -> None:
    address = PostgresAddress.of(SecretStr(dsn), "postgres.dsn")
    assert address.parts == {
        "user": "u",
        "password": "p@ss",
        "host": "h",
        "port": "5",
        "dbname": "d",
        "sslmode": "require",
    }
    assert address.settings() == {"search_path": "app"}
    assert address.shown() == "postgres h:5/d"


def test_options_are_read_as_the_server_reads_them() -> None:
    dsn = SecretStr(r"host=h options='-c search_path=app\\,\\ other --work-mem=4MB -cjit=off'")
    settings = PostgresAddress.of(dsn, "postgres.dsn").settings()
    assert settings == {"search_path": "app, other", "work_mem": "4MB", "jit": "off"}
