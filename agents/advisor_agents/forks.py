"""Notices that this process was forked: `gunicorn --preload`, Celery's prefork, multiprocessing, os.fork.

A fork copies memory and one thread. What another thread was about stays half done in the copy, its locks held for ever.
"""

import os
from typing import Protocol
from weakref import WeakSet


class Forkable(Protocol):
    """What has threads and locks of its own."""

    def before_fork(self) -> None:
        """Hold the own threads still where they hold no lock. In the forking thread; takes five seconds at most."""

    def after_fork_in_parent(self) -> None:
        """Let them go on."""

    def after_fork_in_child(self) -> None:
        """Begin anew. Touches no lock that existed before, and nothing of the application."""


_KNOWN: WeakSet[Forkable] = WeakSet()


def watch_forks(one: Forkable) -> None:
    """Tell `one` of every fork from now on, for as long as it lives."""
    _KNOWN.add(one)


def _before() -> None:
    for one in tuple(_KNOWN):
        one.before_fork()


def _in_parent() -> None:
    for one in tuple(_KNOWN):
        one.after_fork_in_parent()


def _in_child() -> None:
    for one in tuple(_KNOWN):
        one.after_fork_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
