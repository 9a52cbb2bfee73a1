"""What an expression of others reads: its metrics, and which signals those are. It is parsed, never run."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import promql_parser

from advisor.sources.prometheus.catalogue import Template

_DEEPEST = 100
_LONGEST = 2_000
_MOST_PARTS = 200
"""Each part that is asked for is copied with all below it: a chain of a thousand sums would take a second."""


@lru_cache(maxsize=256)
def metric_names(expression: str) -> frozenset[str]:
    """The metrics that `expression` selects; none where it is no PromQL, or longer or deeper than anybody writes it."""
    if len(expression) > _LONGEST or expression.count("(") > _DEEPEST:
        return frozenset()
    try:
        return frozenset(_names(promql_parser.parse(expression)))
    except ValueError:
        return frozenset()


def signals_by_metric(templates: Mapping[str, Sequence[Template]]) -> Mapping[str, frozenset[str]]:
    """For each metric that these templates read, the signals that come of it."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for signal, ways in templates.items():
        for way in ways:
            for name in metric_names(way.query(window_seconds=60, fresh_seconds=60, matchers={})):
                found[name].add(signal)
    return {name: frozenset(signals) for name, signals in found.items()}


def _names(root: Any) -> Iterator[str]:
    left, seen = [root], 0
    while left:
        node, seen = left.pop(), seen + 1
        if seen > _MOST_PARTS:
            raise ValueError("of too many parts")
        match type(node).__name__:
            case "VectorSelector":
                yield from _selected(node)
            case "MatrixSelector":
                left.append(node.vector_selector)
            case "Call":
                left.extend(node.args)
            case "BinaryExpr":
                left.extend((node.lhs, node.rhs))
            case "AggregateExpr" | "ParenExpr" | "UnaryExpr" | "SubqueryExpr":
                left.append(node.expr)
            case _:
                pass  # a number or a text reads nothing


def _selected(node: Any) -> Iterator[str]:
    if node.name:
        yield str(node.name)
        return
    for matcher in node.matchers.matchers:
        if matcher.name == "__name__" and str(matcher.op).endswith("Equal") and "Not" not in str(matcher.op):
            yield str(matcher.value)
