"""How the trials of one cell ended, by method."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median

from worlds.signals import World

from judging.peers import PeerVerdict, Said, flagger, kayenta
from judging.trials import Ended

PEERS: Mapping[str, Callable[[World], PeerVerdict]] = {"kayenta": kayenta, "flagger": flagger}
OWN = ("advisor", "canary", "switch")
METHODS = (*OWN, *PEERS)


@dataclass(slots=True, kw_only=True)
class Tally:
    """kept: at the verdict; watched: how many of these were watched on; taken_back: how many of them did not last."""

    kept: int = 0
    watched: int = 0
    taken_back: int = 0
    ended: int = 0
    seconds: list[float] = field(default_factory=list)
    reasons: dict[str, int] = field(default_factory=dict)

    def add(self, found: Ended) -> None:
        self.count(found.kept, found.seconds)
        self.reasons[found.reason] = self.reasons.get(found.reason, 0) + 1

    def count(self, kept: bool, seconds: float) -> None:
        self.kept += kept
        self.ended += 1
        self.seconds.append(seconds)

    def watch(self, *, lasts: bool) -> None:
        self.watched += 1
        self.taken_back += not lasts

    def join(self, other: "Tally") -> None:
        self.kept += other.kept
        self.watched += other.watched
        self.taken_back += other.taken_back
        self.ended += other.ended
        self.seconds += other.seconds
        for reason, count in other.reasons.items():
            self.reasons[reason] = self.reasons.get(reason, 0) + count

    @property
    def kept_ratio(self) -> float:
        return self.kept / self.ended

    @property
    def lasting_ratio(self) -> float:
        """Of all, what was kept and not taken back later: as often as of those that were watched on."""
        return self.kept_ratio * (1 - self.taken_back / max(self.watched, 1))

    @property
    def median_seconds(self) -> float:
        return median(self.seconds)


def ask_peers(drawn: World, tallies: Mapping[str, Tally]) -> None:
    for name, peer in PEERS.items():
        found = peer(drawn)
        tallies[name].count(found.said is Said.KEEP, found.seconds)
