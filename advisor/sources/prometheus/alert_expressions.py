"""Expressions over signals, with the queries of presets put in."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from advisor.sources.prometheus.catalogue import Template

_SIGNAL = re.compile(r"%([a-z0-9_]+\.[a-z0-9_.]+)%")


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryFiller:
    """Puts queries in where an expression names signals. window, fresh, matchers: as `Template.query`.

    Where several presets deliver a signal, the first that has data for a series wins, as when the advisor reads it.
    """

    templates: Mapping[str, Sequence[Template]]
    window_seconds: float
    fresh_seconds: float
    matchers: Mapping[str, str]

    def missing(self, expression: str) -> tuple[str, ...]:
        """The signals of it that no preset delivers."""
        return tuple(dict.fromkeys(name for name in _SIGNAL.findall(expression) if not self.templates.get(name)))

    def filled(self, expression: str) -> str:
        """It as PromQL. Raises KeyError for a signal that is missing."""
        return _SIGNAL.sub(lambda found: self._query(found[1]), expression)

    def _query(self, signal: str) -> str:
        queries = [
            template.query(window_seconds=self.window_seconds, fresh_seconds=self.fresh_seconds, matchers=self.matchers)
            for template in self.templates[signal]
        ]
        return "(" + " or ".join(f"({query})" if len(queries) > 1 else query for query in queries) + ")"
