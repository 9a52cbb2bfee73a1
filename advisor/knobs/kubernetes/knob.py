"""The knobs `k8s.hpa` and `k8s.resources` on a live cluster: read, write, undo. Every call may be repeated."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from advisor.knobs.kubernetes.edit import ObjectEdit
from advisor.knobs.kubernetes.mark import read_mark
from advisor.knobs.kubernetes.rollout import no_moment, rollout_of
from advisor.knobs.kubernetes.standing import together
from advisor.knobs.kubernetes.writing import ObjectWriter, Seen
from advisor.model.errors import BadDataError, KnobBusyError, KnobError
from advisor.model.knob import KnobState, KnobStatus, Order


class KubernetesKnob:
    """Implements Knob on one cluster."""

    def __init__(self, writer: ObjectWriter, edits_of: Callable[[Order], Sequence[ObjectEdit]]) -> None:
        """edits_of: the objects that an order moves, in the order of writing; raises KnobError."""
        self._writer = writer
        self._edits_of = edits_of

    def inspect(self, order: Order) -> KnobStatus:
        """UNKNOWN, with the reason, for what will not become readable by itself."""
        try:
            seen = self._look(order)
            status = self._status(seen)
            if status.kind is KnobState.OLD:
                return replace(status, not_now=self._not_now(seen))
            return status
        except (BadDataError, KnobError) as error:
            return KnobStatus(kind=KnobState.UNKNOWN, detail=str(error))

    def apply(self, order: Order) -> None:
        """All of it is tried out before anything is written: what the server refuses leaves nothing half done."""
        seen = self._look(order)
        self._fence(seen, order)
        status = self._status(seen)
        if status.kind in (KnobState.FOREIGN, KnobState.REMAINS):
            raise KnobError(status.detail, where=str(order.target), fix="hands off; look who did")
        if status.kind is KnobState.OLD and (reason := self._not_now(seen)):
            raise KnobBusyError(reason, where=str(order.target))
        for one in seen:
            self._writer.put(one.edit, order, is_trial=True)
        for one in seen:
            self._writer.put(one.edit, order)

    def restore(self, order: Order) -> None:
        """In the opposite order: what was written last goes first."""
        for edit in reversed(self._edits_of(order)):
            self._writer.put_back(edit, order)

    def renew(self, order: Order) -> None:
        """There is no dead man's switch; a newer term signs, and finishes what an older one left half done."""
        seen = self._look(order)
        self._fence(seen, order)
        status = self._status(seen)
        if not any(one.standing.is_marked for one in seen) or status.kind in (KnobState.FOREIGN, KnobState.OLD):
            raise KnobError(f"no value of ours to hold: {status.detail}", where=str(order.target))
        if status.kind is not KnobState.REMAINS:
            for one in seen:
                self._writer.put(one.edit, order)

    def _look(self, order: Order) -> list[Seen]:
        return [self._writer.look(edit, order) for edit in self._edits_of(order)]

    def _status(self, seen: Sequence[Seen]) -> KnobStatus:
        status = together([one.standing for one in seen])
        if status.kind is not KnobState.NEW:
            return status
        for one in seen:
            if one.edit.is_template and one.document is not None:
                status = rollout_of(one.edit.kind.name, one.document, status)
        return status

    def _not_now(self, seen: Sequence[Seen]) -> str:
        """Why this is no moment to begin; "" where nothing speaks against it."""
        return next(filter(None, (no_moment(one, self._writer) for one in seen)), "")

    def _fence(self, seen: Sequence[Seen], order: Order) -> None:
        for one in seen:
            if one.document is not None:
                read_mark(one.document).fence(order)
