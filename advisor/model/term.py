"""A leadership term: who may act, and the number that shuts out everybody before."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """epoch: larger than that of every term before. holder: what the process called itself, as host:pid."""

    epoch: int
    holder: str
