"""The SQLAlchemy engine behind a pool's name. An application may dispose of it, forget it, and make another."""

import gc
from typing import TYPE_CHECKING
from weakref import ref

from sqlalchemy import Engine
from sqlalchemy.engine.base import OptionEngine
from sqlalchemy.pool import Pool

from advisor_agents.knob import ApplyFailedError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


def owner_of_the_pool(engine: "Engine | AsyncEngine") -> Engine:
    """The engine itself: one with `execution_options` borrows its pool, and is not told of a new one."""
    own = engine if isinstance(engine, Engine) else engine.sync_engine
    while isinstance(own, OptionEngine):
        own = own._proxied
    return own


class WatchedEngine:
    """Not kept alive for being watched. is_disposed: and not used since."""

    def __init__(self, engine: Engine) -> None:
        self._engine = ref(engine)
        self.is_disposed = False

    def get(self) -> Engine | None:
        """None once the application has forgotten it."""
        return self._engine()

    def pool(self) -> Pool | None:
        engine = self._engine()
        return engine.pool if engine is not None else None

    def live(self) -> Engine:
        """Raises ApplyFailedError when there is none."""
        engine = self._engine()
        if engine is None:
            raise ApplyFailedError("the application has forgotten this engine, and made no other in its place")
        return engine

    def is_in_use(self) -> bool:
        """Whether its name cannot go to another engine."""
        if self.is_disposed:
            return False
        if self._engine() is not None:
            gc.collect()  # what nobody holds any more may be part of a circle
        return self._engine() is not None
