"""Makes and fills the database of the order tracking, with the two roles that the quick start asks for."""

import re
import secrets
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from advisor.servers.postgres import PostgresServer

NAME = "tracking"
_SIZE = {"customers": 5_000, "orders": 200_000, "parcels": 4_000}
_INDEX = "CREATE INDEX orders_customer_id_placed_at ON orders (customer_id, placed_at)"
_READER = """
CREATE ROLE advisor_reader LOGIN PASSWORD {password} CONNECTION LIMIT 5;
GRANT pg_monitor TO advisor_reader;
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
GRANT USAGE ON SCHEMA public TO advisor_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO advisor_reader;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """Its addresses hold passwords. owner_dsn: of the application and of who builds indexes; reader_dsn: advisor's."""

    admin_dsn: str
    owner_dsn: str
    reader_dsn: str


def create(server: PostgresServer) -> Database:
    """A filled database, with the owner's tables and a reader as the quick start makes it."""
    passwords = {"tracking_owner": secrets.token_hex(12), "advisor_reader": secrets.token_hex(12)}
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        role = sql.SQL("CREATE ROLE tracking_owner LOGIN PASSWORD {}").format(passwords["tracking_owner"])
        connection.execute(role)
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER tracking_owner").format(sql.Identifier(NAME)))
    admin = server.dsn_of(NAME)
    owner, reader = (_dsn(admin, role, password) for role, password in passwords.items())
    schema = Path(__file__).with_name("schema.sql").read_text("utf-8")
    for name, rows in _SIZE.items():
        schema = re.sub(rf":{name}\b", str(rows), schema)
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(sql.SQL(schema))
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL(_READER).format(password=passwords["advisor_reader"]))
        connection.execute("VACUUM ANALYZE")
    return Database(admin_dsn=admin, owner_dsn=owner, reader_dsn=reader)


def prepare(database: Database, *, with_index: bool) -> None:
    """As at the start of a trial: only the schema's own indexes, and the one on a customer's orders if so wished."""
    with psycopg.connect(database.owner_dsn, autocommit=True) as connection:
        found = connection.execute(
            "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'orders'::regclass AND NOT indisprimary"
        ).fetchall()
        for (name,) in found:
            connection.execute(sql.SQL("DROP INDEX {}").format(sql.SQL(name)))
        if with_index:
            connection.execute(_INDEX)
    with psycopg.connect(database.admin_dsn, autocommit=True) as connection:
        connection.execute("SELECT pg_stat_statements_reset()")


def _dsn(admin: str, role: str, password: str) -> str:
    address = admin.rpartition("@")[2]
    return f"postgresql://{role}:{password}@{address}"
