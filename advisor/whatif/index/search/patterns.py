"""Patterns for a LIKE of which only the `$n` is on record: words that the column's own values hold. Pure."""

import re
from collections.abc import Iterator
from functools import lru_cache

from advisor.whatif.index.catalogue.tables import Column

_WORD = re.compile(r"[^\W_]{3,}")
_BEGINNING = re.compile(r"[A-Za-z0-9 ]{1,11}[A-Za-z0-9]")
_ANY = "abc"
_LETTERS = 12
LIKE, ANYWHERE = "~~", "'%"
_REGULAR = ("~", "~*")


def pattern(column: Column, operator: str, rank: float) -> str:
    """A literal: what holds a word of this rank, from the most common one, 0, to the rarest, 1.

    Planners match a pattern with the values of the histogram: letters that stand nowhere look as if they found
    nothing, and an index for them as if it found all at once.
    """
    words = _words(column)
    word = words[round(rank * (len(words) - 1))] if words else _ANY
    return f"'{word}'" if operator in _REGULAR else f"{ANYWHERE}{word}%'"


def beginning(column: Column) -> str:
    """A literal: what begins almost like one of the values, as a rarer one may; "" where none is known. A value of the
    histogram stands for a hundredth of the rows, and so would its own beginning."""
    values = [*column.bounds[len(column.bounds) // 2 :], *column.common_values]
    begun = next((found[0] for value in values if (found := _BEGINNING.match(value))), "")
    return f"'{begun[:-1]}{_neighbour(begun[-1])}%'" if begun else ""


def _neighbour(letter: str) -> str:
    return chr(ord(letter) + (-1 if letter in "zZ9" else 1))


@lru_cache(maxsize=500)
def _words(column: Column) -> tuple[str, ...]:
    """Of the values that are known, the most common first."""
    shares: dict[str, float] = {}
    for value, share in _values(column):
        for word in {one[:_LETTERS] for one in _WORD.findall(value)}:
            shares[word] = shares.get(word, 0.0) + share
    return tuple(sorted(shares, key=lambda word: (-shares[word], word)))


def _values(column: Column) -> Iterator[tuple[str, float]]:
    """Each with its share of the rows: of the histogram, the same for all."""
    yield from zip(column.common_values, column.common_shares, strict=False)
    rest = max(0.0, 1 - column.null_ratio - sum(column.common_shares))
    yield from ((value, rest / len(column.bounds)) for value in column.bounds)
