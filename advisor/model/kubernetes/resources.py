"""What containers ask for and may use at most: CPU and memory; other resources are never touched."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from advisor.model.kubernetes.quantity import format_bytes, format_cores


class ResourceName(StrEnum):
    CPU = "cpu"
    MEMORY = "memory"

    def show(self, amount: "Amount") -> str:
        """As a manifest has it, exact."""
        return format_bytes(int(amount)) if self is ResourceName.MEMORY else format_cores(Fraction(amount))


Amount = Fraction | int
"""Cores, exact, or whole bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """CPU in cores and memory in bytes; None where nothing is said, which is not 0."""

    cpu_cores: Fraction | None = None
    memory_bytes: int | None = None

    def of(self, name: ResourceName) -> Amount | None:
        match name:
            case ResourceName.CPU:
                return self.cpu_cores
            case ResourceName.MEMORY:
                return self.memory_bytes

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for: 0 counts as nothing, as for the QoS class."""
        return not self.cpu_cores and not self.memory_bytes

    def or_else(self, other: "Amounts") -> "Amounts":
        """These, and those of `other` where nothing is said here."""
        return Amounts(
            cpu_cores=other.cpu_cores if self.cpu_cores is None else self.cpu_cores,
            memory_bytes=other.memory_bytes if self.memory_bytes is None else self.memory_bytes,
        )

    def __str__(self) -> str:
        said = [f"{name} {name.show(amount)}" for name in ResourceName if (amount := self.of(name)) is not None]
        return ", ".join(said) or "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """requests: what the scheduler sets aside. limits: what is never exceeded."""

    requests: Amounts = field(default_factory=Amounts)
    limits: Amounts = field(default_factory=Amounts)

    @property
    def is_empty(self) -> bool:
        return self.requests.is_empty and self.limits.is_empty


def total(amounts: Iterable[Amounts]) -> Amounts:
    """The sum of what is said; None where none of them says anything."""
    listed = list(amounts)
    cores = [one.cpu_cores for one in listed if one.cpu_cores is not None]
    memory = [one.memory_bytes for one in listed if one.memory_bytes is not None]
    return Amounts(
        cpu_cores=sum(cores, start=Fraction(0)) if cores else None, memory_bytes=sum(memory) if memory else None
    )


def largest(amounts: Iterable[Amounts]) -> Amounts:
    """The largest of each; None where none of them says anything."""
    listed = list(amounts)
    return Amounts(
        cpu_cores=max((one.cpu_cores for one in listed if one.cpu_cores is not None), default=None),
        memory_bytes=max((one.memory_bytes for one in listed if one.memory_bytes is not None), default=None),
    )
