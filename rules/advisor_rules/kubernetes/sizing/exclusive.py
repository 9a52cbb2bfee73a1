"""Cores that a kubelet with the static CPU policy gives to one container alone, and sizes that lose them."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from advisor.model.kubernetes.container import PodTemplate, QosClass
from advisor.model.kubernetes.resources import ResourceName
from advisor.model.kubernetes.workload import Workload


def lost_cores(workload: Workload, changed: PodTemplate) -> Iterator[str]:
    """Which policy a node has is not known: a doubt for each container that would share its cores."""
    before, after = _exclusive(workload.template, workload), _exclusive(changed, workload)
    requests = {one.name: one.resources.requests.cpu_cores for one in changed.containers}
    for name, cores in before.items():
        if name not in after:
            new = requests.get(name)
            asks = ResourceName.CPU.show(new) if new is not None else "nothing"
            yield (
                f"{name} has {cores} cores of its own where a node has the static CPU policy, and would share them: "
                f"that takes a Guaranteed pod and whole cores, and it would ask for {asks}"
            )


def _exclusive(template: PodTemplate, workload: Workload) -> Mapping[str, Fraction]:
    """Containers that ask for whole cores, of a pod that is Guaranteed as it is made."""
    if template.qos_with(workload.injected) is not QosClass.GUARANTEED:
        return {}
    asked = {one.name: one.resources.requests.cpu_cores for one in template.containers}
    return {name: cores for name, cores in asked.items() if cores and cores.denominator == 1}
