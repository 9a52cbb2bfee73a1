"""One Knob in front of all: the name of an order's knob says who carries it out."""

from collections.abc import Mapping

from advisor.model.errors import KnobError
from advisor.model.knob import KnobStatus, Order
from advisor.ports.changing import Knob


class KnobRouter:
    """Hands every call on to the knob of that name; an unknown name is refused with KnobError."""

    def __init__(self, knobs: Mapping[str, Knob]) -> None:
        self._knobs = dict(knobs)

    def inspect(self, order: Order) -> KnobStatus:
        return self._knob(order).inspect(order)

    def apply(self, order: Order) -> None:
        self._knob(order).apply(order)

    def restore(self, order: Order) -> None:
        self._knob(order).restore(order)

    def renew(self, order: Order) -> None:
        self._knob(order).renew(order)

    def _knob(self, order: Order) -> Knob:
        name = order.target.knob
        if name not in self._knobs:
            known = ", ".join(sorted(self._knobs)) or "none"
            raise KnobError(f"no knob {name!r} is connected", where=str(order.target), fix=f"connected: {known}")
        return self._knobs[name]
