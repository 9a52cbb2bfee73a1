"""What the surfaces remember, in the journal's database. Implements the port Notebook."""

from collections.abc import Sequence

from sqlalchemy import URL, ColumnElement, Connection, Engine, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from advisor.journal.connection import translated
from advisor.journal.revision import writing_at_head
from advisor.journal.tables import notes


class SqlNotebook:
    """On the engine of a journal, which closes it. May be used from several threads."""

    def __init__(self, engine: Engine, url: URL) -> None:
        self._engine = engine
        self._url = url

    def read(self, surface: str, key: str) -> str | None:
        with translated(self._url), self._engine.begin() as connection:
            found: str | None = connection.execute(select(notes.c.text).where(_at(surface, key))).scalar()
        return found

    def write(self, surface: str, key: str, text: str) -> None:
        with writing_at_head(self._engine, self._url) as connection:
            if not connection.execute(update(notes).where(_at(surface, key)).values(text=text)).rowcount:
                _insert(connection, surface, key, text)

    def add(self, surface: str, key: str, text: str) -> bool:
        with writing_at_head(self._engine, self._url) as connection:
            return _insert(connection, surface, key, text)

    def drop(self, surface: str, key: str) -> None:
        with writing_at_head(self._engine, self._url) as connection:
            connection.execute(delete(notes).where(_at(surface, key)))

    def entries(self, surface: str, prefix: str = "") -> Sequence[tuple[str, str]]:
        beginning = func.substr(notes.c.key, 1, len(prefix))  # LIKE would overlook capitals on SQLite
        query = (
            select(notes.c.key, notes.c.text)
            .where(notes.c.surface == surface, beginning == prefix)
            .order_by(notes.c.sequence)
        )
        with translated(self._url), self._engine.begin() as connection:
            return [(row.key, row.text) for row in connection.execute(query)]


def _insert(connection: Connection, surface: str, key: str, text: str) -> bool:
    try:
        with connection.begin_nested():
            connection.execute(insert(notes).values(surface=surface, key=key, text=text))
    except IntegrityError:
        return False
    return True


def _at(surface: str, key: str) -> ColumnElement[bool]:
    return (notes.c.surface == surface) & (notes.c.key == key)
