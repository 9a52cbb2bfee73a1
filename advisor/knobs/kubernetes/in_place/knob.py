"""The knob `k8s.resources`: the pods of a canary are resized in place, and a rollout gives the sizes to all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from advisor.clients.kubernetes import MovedError, NotThereError
from advisor.knobs.kubernetes.edit import FieldEdit, ObjectEdit, size_edits
from advisor.knobs.kubernetes.in_place.pods import Pod, PodWriter, name_of
from advisor.knobs.kubernetes.in_place.refusal import pod_path, raises_memory_limit, refusal
from advisor.knobs.kubernetes.in_place.standing import (
    PodState,
    Record,
    record_of,
    stand,
    together,
    underway,
    values_back,
)
from advisor.knobs.kubernetes.knob import KubernetesKnob
from advisor.knobs.kubernetes.mark import Undo, read_mark
from advisor.knobs.kubernetes.writing import ObjectWriter, Seen
from advisor.model.cohort import EVERYBODY, in_cohort
from advisor.model.errors import BadDataError, KnobBusyError, KnobError, NoCanaryError
from advisor.model.knob import KnobState, KnobStatus, Order
from advisor.ports.clock import Clock
from advisor.resilience.retries import Retries, tried

_WHILE_IT_MOVES = Retries(attempts=8, first_pause_seconds=0.05, longest_pause_seconds=0.5, within_seconds=8.0)
"""A kubelet writes a pod's status many times while the pod is resized."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """The workload as it was read, and what is on record of the change.

    pods: its own; not read where none was resized or is to be, as the account may have no right to.
    """

    seen: Seen
    pods: Sequence[Pod]
    undo: Undo | None

    @property
    def is_canary(self) -> bool:
        """Whether pods were resized, and the template was not written yet."""
        return self.undo is not None and self.undo.is_of_pods_alone


class SizesKnob:
    """Implements Knob. A share of the pods is resized in place; for all of them the template is written."""

    def __init__(self, writer: ObjectWriter, pods: PodWriter, clock: Clock) -> None:
        self._writer = writer
        self._pods = pods
        self._clock = clock
        self._rollout = KubernetesKnob(writer, size_edits)

    def inspect(self, order: Order) -> KnobStatus:
        """UNKNOWN, with the reason, for what will not become readable by itself."""
        try:
            status = self._rollout.inspect(order)
            look = self._look(order)
            if look.undo is None or not look.is_canary or status.kind is not KnobState.OLD:
                return status
            if order.cohort >= EVERYBODY:
                return replace(
                    status, kind=KnobState.PARTIAL, detail="pods are resized, the template is not written yet"
                )
            now = self._clock.now()
            states = [stand(pod, look.seen.edit.fields, look.undo.pods, now) for pod in look.pods]
            return together(states, order)
        except (BadDataError, KnobError) as error:
            return KnobStatus(kind=KnobState.UNKNOWN, detail=str(error))

    def apply(self, order: Order) -> None:
        """Every resize is tried out before the first is made: what the server refuses leaves nothing half done."""
        if order.cohort >= EVERYBODY:
            self._rollout.apply(order)
            return
        look = self._look(order)
        self._fence(look, order)
        status = look.seen.standing.status
        if status.kind is not KnobState.OLD:
            raise KnobError(status.detail, where=str(order.target), fix="hands off; look who did")
        self._resize(look, order)

    def renew(self, order: Order) -> None:
        """Pods that came into the cohort since are resized, too; all of them by the template in the last stage."""
        look = self._look(order)
        self._fence(look, order)
        if order.cohort >= EVERYBODY:
            (self._rollout.apply if look.is_canary else self._rollout.renew)(order)
            return
        if look.undo is None:
            raise KnobError("no value of ours to hold", where=str(order.target))
        self._resize(look, order)

    def restore(self, order: Order) -> None:
        """The pods first: once their template is what it was, nothing would make those anew that it fits."""
        look = self._look(order)
        self._fence(look, order)
        if look.undo is not None:
            for pod in look.pods:
                self._put_back(pod, look, order)
        self._rollout.restore(order)

    def _look(self, order: Order) -> _Look:
        seen = self._writer.look(_workload(order), order)
        undo = read_mark(seen.document).of(order.change_id) if seen.document is not None else None
        is_needed = order.cohort < EVERYBODY or (undo is not None and bool(undo.pods))
        return _Look(seen=seen, pods=self._pods.of(seen.edit, seen.document) if is_needed else (), undo=undo)

    def _fence(self, look: _Look, order: Order) -> None:
        if look.seen.document is not None:
            read_mark(look.seen.document).fence(order)

    def _resize(self, look: _Look, order: Order) -> None:
        """Those of the cohort that have the old sizes, and were not put back by somebody."""
        fields, now = look.seen.edit.fields, self._clock.now()
        record = look.undo.pods if look.undo is not None else {}
        cohort = [pod for pod in look.pods if in_cohort(name_of(pod), order.cohort)]
        if not cohort:
            raise KnobBusyError("none of the pods that run now belongs to the canary", where=str(order.target))
        left = [pod for pod in cohort if stand(pod, fields, record, now).state is PodState.OLD]
        for pod in left:
            if reason := refusal(pod, fields):
                raise KnobError(f"{name_of(pod)}: {reason}", where=str(order.target), fix="without a canary")
        values = [(pod_path(field), field.new) for field in fields]
        for pod in left:
            self._written(order, pod, lambda one: self._pods.resize(one, values, is_trial=True))
        self._writer.note(look.seen.edit, order, record_of(left, fields))
        for pod in left:
            self._written(order, pod, lambda one: self._pods.resize(one, values))

    def _put_back(self, pod: Pod, look: _Look, order: Order) -> None:
        fields, record = look.seen.edit.fields, look.undo.pods if look.undo is not None else {}

        def back(one: Pod) -> None:
            values = values_back(one, fields, record)
            if values:
                self._pods.resize(one, values)

        self._written(order, pod, back)

    def _written(self, order: Order, pod: Pod, write: Callable[[Pod], object]) -> None:
        """`write` on what was read, and on what is there now where that has moved. One that is gone needs nothing."""
        latest = [pod]

        def one_try() -> object:
            try:
                return write(latest[0])
            except MovedError:
                latest[0] = self._pods.again(pod)
                raise

        try:
            tried(one_try, _WHILE_IT_MOVES, on=MovedError)
        except NotThereError:
            return
        except MovedError as error:
            raise KnobBusyError(f"pod {name_of(pod)} moves all the time", where=str(order.target)) from error
        except BadDataError as error:
            raise KnobError(
                f"pod {name_of(pod)}: {error.what}", where=str(order.target), fix="see `kubectl describe`"
            ) from error


class PodCanary:
    """Tells which pods of an order could be resized in place, and why none can be."""

    def __init__(self, writer: ObjectWriter, pods: PodWriter, clock: Clock) -> None:
        self._writer = writer
        self._pods = pods
        self._clock = clock

    def pods(self, order: Order) -> Sequence[Pod]:
        """Raises NoCanaryError where all must take the sizes at once; BadDataError, TransientError, and KnobBusyError
        while somebody else's resize is under way.
        """
        if len(size_edits(order)) > 1:
            raise NoCanaryError("an autoscaler divides by its pods' requests, and its target goes with them")
        seen = self._writer.look(_workload(order), order)
        fields = seen.edit.fields
        undo = read_mark(seen.document).of(order.change_id) if seen.document is not None else None
        if undo is None:  # else pods are resized already: every cycle asks, and the server was asked what it can
            self._ask_server(seen.edit)
        found = self._pods.of(seen.edit, seen.document)
        for pod in found:
            self._ask(pod, fields, undo.pods if undo is not None else {})
        return found

    def _ask_server(self, edit: ObjectEdit) -> None:
        if reason := self._pods.cannot(edit.namespace):
            raise NoCanaryError(reason)
        if any(raises_memory_limit(field) for field in edit.fields) and self._pods.keeps_memory_limits():
            raise NoCanaryError("before 1.34 no server takes a raised memory limit back while the pod runs")

    def _ask(self, pod: Pod, fields: Sequence[FieldEdit], record: Record) -> None:
        if reason := refusal(pod, fields):
            raise NoCanaryError(f"pod {name_of(pod)} cannot be resized in place: {reason}")
        standing = stand(pod, fields, record, self._clock.now())
        if standing.state is PodState.OTHER:
            raise NoCanaryError(f"a pod has other sizes than its template: {standing.detail}")
        if standing.state is PodState.OLD and (told := underway(pod)):
            raise KnobBusyError(f"pod {name_of(pod)} is being resized by somebody: {told}")


def _workload(order: Order) -> ObjectEdit:
    return next(edit for edit in size_edits(order) if edit.is_template)
