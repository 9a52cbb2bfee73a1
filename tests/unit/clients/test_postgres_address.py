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
    "password",
    ["top/secret", "12/secret", "top@secret", "top?secret", "to@p/secret", "/secret", "secret/", "5/6@secret"],
)
def test_a_password_with_a_sign_that_ends_it_early_is_refused_and_no_piece_of_it_is_shown(password: str) -> None:
    """libpq would take the piece behind the sign for a host or a database, and errors and reports show those."""
    with pytest.raises(ConfigurationError) as caught:
        PostgresAddress.of(SecretStr(f"postgresql://u:{password}@h:5432/d?sslmode=require"), "postgres.dsn")
    assert "%2F for /" in caught.value.fix
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("dsn", "shown"),
    [
        ("postgresql://u:top%2Fse%40cret@h:5432/d", "postgres h:5432/d"),
        ("postgresql://u%40server:pw@h/d", "postgres h:5432/d"),
        ("postgresql://h1:1,h2:2/d?user=u%40server", "postgres h1,h2:1,2/d"),
        ("postgresql://[::1]:5/d", "postgres ::1:5/d"),
        ("postgresql:///d?host=/cloudsql/shop:region:main", "postgres /cloudsql/shop:region:main:5432/d"),
        ("postgresql://u:#pw@/d?host=/run/postgresql", "postgres /run/postgresql:5432/d"),
    ],
)
def test_an_address_that_is_whole_is_taken(dsn: str, shown: str) -> None:
    assert PostgresAddress.of(SecretStr(dsn), "postgres.dsn").shown() == shown


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
