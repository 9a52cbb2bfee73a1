"""What is kept of a server's slow log between two looks. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowLog:
    """newest: the id of the newest entry, None where there is none. Ids go on when the log is full or was emptied.

    length: entries it holds; once it is full that stays, whatever happens.
    """

    newest: int | None
    length: int

    def since(self, former: "SlowLog | None") -> int:
        """Entries that came after `former`; without one, or where ids begin anew, since the server started.

        Of those that came to an empty log and were dropped again nobody knows.
        """
        if self.newest is None:
            return 0
        if former is None or (former.newest is not None and self.newest < former.newest):
            return self.newest + 1
        return self.length if former.newest is None else self.newest - former.newest
