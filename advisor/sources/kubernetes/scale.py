"""Targets of kinds that are not ours: what an autoscaler needs of them is in their scale subresource."""

from dataclasses import replace

from advisor.clients.deadline import Deadline
from advisor.clients.kubernetes import KubernetesApi, NotAllowedError
from advisor.model.errors import AdvisorError
from advisor.model.kubernetes.autoscaler import Hpa
from advisor.model.kubernetes.workload import ObjectRef
from advisor.sources.kubernetes_objects.fields import Fields


class ScaleTargets:
    """Asks for the plural of a kind once."""

    def __init__(self, api: KubernetesApi, deadline: Deadline) -> None:
        self._api, self._deadline = api, deadline
        self._plurals: dict[tuple[str, str], str] = {}

    def read(self, hpa: Hpa) -> Hpa:
        """With the replicas of its target, or with why that cannot be read. Never guessed from a namesake."""
        target = hpa.target
        shown = f"target {target.kind}/{target.name}"
        try:
            plural = self._plural(target)
            if not plural:
                where = target.api_version or "the core group"
                return replace(hpa, unread_target=f"{shown}: the server has no kind {target.kind} in {where}")
            place = f"{_group(target)}/namespaces/{hpa.meta.namespace}/{plural}/{target.name}"
            scale = Fields(values=self._api.get(f"{place}/scale", self._deadline), where=shown)
            return replace(hpa, replicas=scale.inner("spec").whole_or_none("replicas"))
        except NotAllowedError:
            plural = self._plurals.get((target.api_version, target.kind), "")
            rule = f'apiGroups: ["{target.group}"], resources: ["{plural}/scale"], verbs: ["get"]'
            return replace(hpa, unread_target=f"{shown} not readable: the Role lacks {{{rule}}}")
        except AdvisorError as error:
            return replace(hpa, unread_target=f"{shown} not readable: {error.what}")

    def _plural(self, target: ObjectRef) -> str:
        key = (target.api_version, target.kind)
        if key not in self._plurals:
            document = Fields(values=self._api.get(_group(target), self._deadline), where=target.api_version)
            names = [one.text("name") for one in document.items("resources") if one.text("kind") == target.kind]
            self._plurals[key] = next((name for name in names if "/" not in name), "")
        return self._plurals[key]


def _group(target: ObjectRef) -> str:
    """The path of its API group; a reference may leave the version of the core group out."""
    return f"/apis/{target.api_version}" if target.group else f"/api/{target.api_version or 'v1'}"
