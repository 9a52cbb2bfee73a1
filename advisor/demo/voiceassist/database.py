"""Makes and fills the database of the example."""

import re
from dataclasses import dataclass
from importlib.resources import files

import psycopg
from psycopg import sql


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Rows to make."""

    users: int = 2_000
    conversations: int = 20_000
    messages: int = 400_000
    documents: int = 40_000


MESSAGES_INDEX = "CREATE INDEX messages_conversation_id ON messages (conversation_id)"


def create(dsn: str, size: Size, *, with_index: bool) -> None:
    """Tables and rows in an empty database; without the index that the conversation page needs, if so wished."""
    text = files("advisor.demo.voiceassist").joinpath("schema.sql").read_text(encoding="utf-8")
    for name in ("users", "conversations", "messages", "documents"):
        text = re.sub(rf":{name}\b", str(getattr(size, name)), text)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        connection.execute(sql.SQL(text))
        if with_index:
            connection.execute(MESSAGES_INDEX)
        connection.execute("VACUUM ANALYZE")
