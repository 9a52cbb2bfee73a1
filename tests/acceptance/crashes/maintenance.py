"""The changes that keep a table in shape, as the crash tests order them and look at them.

VACUUM is the same knob as ANALYZE, with another command.
"""

from dataclasses import dataclass

import psycopg

MAKE = """
CREATE TABLE message (id bigint PRIMARY KEY, author text NOT NULL) WITH (autovacuum_enabled = off);
INSERT INTO message SELECT n, 'author ' || n % 97 FROM generate_series(1, 2000) n
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """look: a query for what is live, with the file of the index as it was. before, after: its answers.

    is_one_way: done once, and stays.
    """

    old: str
    new: str
    look: str
    before: list[object]
    after: list[object]
    is_one_way: bool = False
    index: str = ""


MAINTENANCE = {
    "analyze": Maintenance(
        old="never",
        new="ANALYZE",
        look="SELECT last_analyze IS NOT NULL FROM pg_stat_user_tables WHERE relname = 'message'",
        before=[False],
        after=[True],
        is_one_way=True,
    ),
    "reindex": Maintenance(
        old="file {file}",
        new="REINDEX",
        look="SELECT pg_relation_filenode(indexrelid) <> {file} FROM pg_index WHERE indrelid = 'message'::regclass",
        before=[False],
        after=[True],
        is_one_way=True,
        index="message_pkey",
    ),
    "autovacuum": Maintenance(
        old="autovacuum_vacuum_scale_factor=default",
        new="autovacuum_vacuum_scale_factor=0.02",
        look="SELECT option_value FROM pg_class, pg_options_to_table(reloptions)"
        " WHERE relname = 'message' AND option_name = 'autovacuum_vacuum_scale_factor'",
        before=[],
        after=["0.02"],
    ),
}


def file_of_the_key(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT pg_relation_filenode('message_pkey')::bigint").fetchone()
    return int(row[0]) if row else 0
