"""A number for each hour of a day, packed: there are four of these for each container and day, for weeks."""

import math
from collections.abc import Iterable, Iterator, Sequence
from struct import Struct
from typing import overload

HOURS = 24
_PACKED = Struct(f"={HOURS}f")


class Hours(Sequence[float | None]):
    """As a tuple of HOURS numbers, None where there is none, of 7 digits each: a sketch has two."""

    __slots__ = ("_packed",)

    def __init__(self, values: Iterable[float | None]) -> None:
        """Raises struct.error for another number of them."""
        self._packed = _PACKED.pack(*(math.nan if value is None else value for value in values))

    @classmethod
    def of_bytes(cls, packed: bytes) -> "Hours":
        """packed: so many floats of 4 bytes, in the machine's order; NaN where there is none."""
        if len(packed) != _PACKED.size:
            raise ValueError(f"{len(packed)} bytes are no {HOURS} numbers")
        found = cls.__new__(cls)
        found._packed = packed
        return found

    def __len__(self) -> int:
        return HOURS

    def __iter__(self) -> Iterator[float | None]:
        return (None if value != value else value for value in _PACKED.unpack(self._packed))

    @overload
    def __getitem__(self, place: int) -> float | None: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[float | None, ...]: ...
    def __getitem__(self, place: int | slice) -> float | tuple[float | None, ...] | None:
        return tuple(self)[place]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"Hours({tuple(self)!r})"

    def __reduce__(self) -> tuple[object, tuple[bytes]]:
        return Hours.of_bytes, (self._packed,)
