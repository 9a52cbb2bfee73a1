"""How much is written to a table, a second. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteRates:
    """Rows written to one table a second, and scans of it. updated: all of them; hot: those of them that touched no
    index."""

    inserted: float = 0.0
    updated: float = 0.0
    hot: float = 0.0
    deleted: float = 0.0
    scans: float = 0.0

    @property
    def written(self) -> float:
        return self.inserted + self.updated + self.deleted

    def __add__(self, other: "WriteRates") -> "WriteRates":
        """Of two parts of one table."""
        return WriteRates(
            inserted=self.inserted + other.inserted,
            updated=self.updated + other.updated,
            hot=self.hot + other.hot,
            deleted=self.deleted + other.deleted,
            scans=self.scans + other.scans,
        )
