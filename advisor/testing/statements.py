"""A StatementReader that gives the windows it was told to."""

from collections.abc import Mapping
from datetime import datetime

from advisor.model.database.workload import StatementWindow


class FakeStatementReader:
    """One window by database, whatever the span; None for a database that is not known. `asked` are the spans."""

    def __init__(self, windows: Mapping[str, StatementWindow] | None = None) -> None:
        self.windows = dict(windows or {})
        self.asked: list[tuple[str, datetime, datetime]] = []

    def statements(self, database: str, start: datetime, end: datetime) -> StatementWindow | None:
        self.asked.append((database, start, end))
        return self.windows.get(database)
