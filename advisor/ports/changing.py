"""What the walk asks of those who write."""

from typing import Protocol

from advisor.model.knob import KnobStatus, Order


class Knob(Protocol):
    """Reads, writes and restores one kind of setting. Every call may be repeated with the same result."""

    def inspect(self, order: Order) -> KnobStatus:
        """Where the live value stands, seen from `order`. Raises TransientError when it cannot be read."""

    def apply(self, order: Order) -> None:
        """Write `order.new` if the live value is still `order.old` or already ours.

        Raises KnobError when refused for good, KnobBusyError or another TransientError when later may work,
        StaleEpochError when a newer leader has written.
        """

    def restore(self, order: Order) -> None:
        """Put `order.old` back if the live value is ours; somebody else's value is left alone. Raises as apply."""

    def renew(self, order: Order) -> None:
        """Renew a value on trial until `order.hold_until`, or confirm it for good when that is None.

        Nothing to do for knobs without a dead man's switch. Raises as apply.
        """
