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
    """kept: at the verdict; lasting: of these, what was not taken back later."""

    kept: int = 0
    lasting: int = 0
    ended: int = 0
    seconds: list[float] = field(default_factory=list)
    reasons: dict[str, int] = field(default_factory=dict)

    def add(self, found: Ended, *, lasts: bool | None = None) -> None:
        self.count(found.kept, found.seconds, lasts=found.kept if lasts is None else lasts)
        self.reasons[found.reason] = self.reasons.get(found.reason, 0) + 1

    def count(self, kept: bool, seconds: float, *, lasts: bool) -> None:
        self.kept += kept
        self.lasting += kept and lasts
        self.ended += 1
        self.seconds.append(seconds)

    def join(self, other: "Tally") -> None:
        self.kept += other.kept
        self.lasting += other.lasting
        self.ended += other.ended
        self.seconds += other.seconds
        for reason, count in other.reasons.items():
            self.reasons[reason] = self.reasons.get(reason, 0) + count

    @property
    def kept_ratio(self) -> float:
        return self.kept / self.ended

    @property
    def lasting_ratio(self) -> float:
        return self.lasting / self.ended

    @property
    def median_seconds(self) -> float:
        return median(self.seconds)


def ask_peers(drawn: World, tallies: Mapping[str, Tally]) -> None:
    for name, peer in PEERS.items():
        found = peer(drawn)
        kept = found.said is Said.KEEP
        tallies[name].count(kept, found.seconds, lasts=kept)
