"""What a namespace allows: LimitRanges and ResourceQuotas."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from advisor.model.kubernetes.container import Container, PodTemplate, QosClass
from advisor.model.kubernetes.resources import Amounts, ResourceName, total
from advisor.model.kubernetes.workload import Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRange:
    """Bounds for one container, and for all of a pod together; defaults for who says nothing.

    largest_ratio: the limit at most so many times the request, by resource.
    """

    name: str
    namespace: str
    default_requests: Amounts = field(default_factory=Amounts)
    default_limits: Amounts = field(default_factory=Amounts)
    smallest: Amounts = field(default_factory=Amounts)
    largest: Amounts = field(default_factory=Amounts)
    largest_ratio: Mapping[ResourceName, Fraction] = field(default_factory=dict)
    largest_pod: Amounts = field(default_factory=Amounts)

    def refusals(self, template: PodTemplate) -> Iterator[str]:
        """Why admission would not take a pod of this template, each with the line of this LimitRange."""
        for name in ResourceName:
            for container in template.containers:
                yield from self._of_container(name, container)
            asked, most = template.request().of(name), self.largest_pod.of(name)
            limits = total(one.resources.limits for one in template.running).of(name)
            for what, amount in (("requests", asked), ("limits", limits)):
                if amount is not None and most is not None and amount > most:
                    text = f"{what} of a pod {name.show(amount)} of {name}, max {name.show(most)} of type Pod"
                    yield f"LimitRange {self.name}: {text}"

    def _of_container(self, name: ResourceName, container: Container) -> Iterator[str]:
        request, limit = container.resources.requests.of(name), container.resources.limits.of(name)
        least, most, ratio = self.smallest.of(name), self.largest.of(name), self.largest_ratio.get(name)
        of = f"LimitRange {self.name}: {container.name} "
        is_ours = self.name in container.defaults_from.split(", ")
        if is_ours and request is not None and limit is not None and request > limit:
            yield f"{of}requests {name.show(request)} of {name}, above the limit of {name.show(limit)} that it gets"
        if request is not None and least is not None and request < least:
            yield f"{of}requests {name.show(request)} of {name}, min {name.show(least)}"
        for amount in (request, limit):
            if amount is not None and most is not None and amount > most:
                yield f"{of}has {name.show(amount)} of {name}, max {name.show(most)}"
                break
        if ratio is not None and request and limit is not None and Fraction(limit) / Fraction(request) > ratio:
            shown = f"{float(Fraction(limit) / Fraction(request)):.1f}"
            yield f"{of}has a limit of {name} {shown} times its request, maxLimitRequestRatio {float(ratio):g}"


class ScopeOperator(StrEnum):
    """How the name of a pod's priority class is compared; of other scopes, Exists says what their name says."""

    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaScope:
    """A condition on the pods that a quota counts. name: as a server knows it, "Terminating". values: class names."""

    name: str
    operator: ScopeOperator = ScopeOperator.EXISTS
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.operator is ScopeOperator.EXISTS:
            return self.name
        return f"{self.name} {self.operator} {', '.join(self.values)}".rstrip()

    def covers(self, template: PodTemplate, workload: Workload) -> bool | None:
        """Whether pods of `template` meet it; None where that cannot be told."""
        match self.name:
            case "Terminating":
                return template.has_deadline
            case "NotTerminating":
                return not template.has_deadline
            case "BestEffort":
                return template.qos_with(workload.injected) is QosClass.BEST_EFFORT
            case "NotBestEffort":
                return template.qos_with(workload.injected) is not QosClass.BEST_EFFORT
            case "CrossNamespacePodAffinity":
                return template.has_far_affinity
            case "PriorityClass":
                return self._covers_class(template.priority_class, workload)
            case _:
                return None

    def _covers_class(self, written: str, workload: Workload) -> bool | None:
        """Where none is written, pods that are there tell which the server gave them."""
        names = {written} if written else {pod.template.priority_class for pod in workload.pods}
        answers = {self._meets(name) for name in names}
        return answers.pop() if len(answers) == 1 else None

    def _meets(self, name: str) -> bool:
        match self.operator:
            case ScopeOperator.EXISTS:
                return bool(name)
            case ScopeOperator.DOES_NOT_EXIST:
                return not name
            case ScopeOperator.IN:
                return name in self.values
            case ScopeOperator.NOT_IN:
                return name not in self.values


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What all pods of a namespace together may ask for, or those of them that meet all of `scopes`.

    used: None where nobody has counted, as in a manifest.
    """

    name: str
    namespace: str
    scopes: tuple[QuotaScope, ...] = ()
    hard_requests: Amounts = field(default_factory=Amounts)
    hard_limits: Amounts = field(default_factory=Amounts)
    used_requests: Amounts | None = None

    def covers(self, workload: Workload, template: PodTemplate) -> bool | None:
        """Whether it counts pods of `workload` that are made of `template`; None where that cannot be told."""
        if self.namespace != workload.meta.namespace:
            return False
        answers = [scope.covers(template, workload) for scope in self.scopes]
        if False in answers:
            return False
        return None if None in answers else True

    def room(self, name: ResourceName) -> Fraction | int | None:
        """What may still be asked for; None where the quota does not say or nobody has counted."""
        hard, used = self.hard_requests.of(name), self.used_requests.of(name) if self.used_requests else None
        return None if hard is None or used is None else hard - used
