"""The names that statements may use: tables with their columns, and views."""

from collections.abc import Mapping
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
    """columns: of every table, in order. views: their defining SELECT. search_path: where a bare name is looked up."""

    columns: Mapping[TableName, tuple[str, ...]]
    views: Mapping[TableName, str] = field(default_factory=dict)
    search_path: tuple[str, ...] = ("public",)

    def find(self, schema: str, name: str) -> TableName | None:
        """The table or view that a statement means; None when there is none."""
        for place in (schema,) if schema else self.search_path:
            wanted = TableName(place, name)
            if wanted in self.columns or wanted in self.views:
                return wanted
        return None
