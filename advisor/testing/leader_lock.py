"""A LeaderLock in memory: one Place, and a FakeLeaderLock for each process that wants it."""

from advisor.model.errors import JournalError


class Place:
    """What only one can have. While `down` is set nobody can tell who has it."""

    def __init__(self) -> None:
        self.owner: object = None
        self.holdings = 0
        self.down = False

    def free(self) -> None:
        """The system takes it from its holder, who does not know yet."""
        self.owner = None


class FakeLeaderLock:
    """Of one process. place: what it wants, together with the others that were given the same."""

    def __init__(self, place: Place | None = None) -> None:
        self._place = place or Place()
        self._holding: int | None = None

    def hold(self) -> int | None:
        place = self._place
        if place.down:
            raise JournalError("connection refused", where="lock")
        if place.owner is self:
            return self._holding
        if place.owner is not None:
            return None
        place.owner = self
        place.holdings += 1
        self._holding = place.holdings
        return self._holding

    def release(self) -> None:
        if self._place.owner is self:
            self._place.owner = None
