"""The names that statements may use: tables with their columns, and views."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class TableName(NamedTuple):
    """A table by schema and name, both as the catalogue has them."""

    schema: str
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relations:
    """columns: of every table, in order. views: their defining SELECT, as a session with this search_path reads it."""

    columns: Mapping[TableName, tuple[str, ...]]
    views: Mapping[TableName, str] = field(default_factory=dict)
    search_path: tuple[str, ...] = ("public",)

    @property
    def all_schemas(self) -> tuple[str, ...]:
        """Of the search path first, then every other one that holds something."""
        others = sorted({one.schema for one in (*self.columns, *self.views)})
        return tuple(dict.fromkeys((*self.search_path, *others)))

    def find(self, schema: str, name: str) -> TableName | None:
        """The table or view that is meant by a session with this search_path; None when there is none."""
        return self._first((schema,) if schema else self.search_path, name)

    def meant(self, name: str, paths: Sequence[Sequence[str]]) -> tuple[TableName, ...]:
        """All that a bare name may mean to sessions of which each has one of these search paths.

        What not every path leads to is looked for everywhere: a session may have set another path than its role has.
        """
        found = {self._first(path, name) for path in paths}
        if found and None not in found:
            return tuple(sorted(one for one in found if one is not None))
        return tuple(sorted({one for one in (*self.columns, *self.views) if one.name == name}))

    def _first(self, path: Sequence[str], name: str) -> TableName | None:
        wanted = (TableName(schema, name) for schema in path)
        return next((one for one in wanted if one in self.columns or one in self.views), None)
