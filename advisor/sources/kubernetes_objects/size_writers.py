"""Who writes the sizes of a container beside whoever made it, by the server's record of field managers."""

from collections.abc import Iterator
from dataclasses import replace

from advisor.model.kubernetes.container import ContainerRole, PodTemplate
from advisor.model.kubernetes.resources import ResourceName
from advisor.sources.kubernetes_objects.fields import Fields

_PERSON = "kubectl"
"""How kubectl's managers begin (kubectl-edit, kubectl-patch, ...): a person's word, which no program puts back."""
_ITS_KEY = frozenset({".", "f:name", "f:resources"})
"""All that an apply of sizes alone owns of a container; who made it owns its image and more."""


def with_size_writers(template: PodTemplate, document: Fields) -> PodTemplate:
    """Containers with the managers that own their CPU or memory and nothing else of them, where others made them."""
    entries = list(document.inner("metadata").items("managedFields"))
    if len(entries) < 2:
        return template
    containers = []
    for container in template.containers:
        place = "f:containers" if container.role is ContainerRole.APP else "f:initContainers"
        path = (*(f"f:{part}" for part in template.path), place, f'k:{{"name":"{container.name}"}}')
        owned = [(entry.text("manager"), entry.inner("fieldsV1", *path)) for entry in entries]
        makers = {manager for manager, fields in owned if not _ITS_KEY.issuperset(fields.values)}
        writers = {manager for manager, fields in owned if any(_sizes(fields)) and not manager.startswith(_PERSON)}
        others = sorted(writers - makers) if makers else []
        containers.append(replace(container, sized_by=tuple(others)) if others else container)
    return replace(template, containers=tuple(containers))


def _sizes(fields: Fields) -> Iterator[bool]:
    for part in ("f:requests", "f:limits"):
        amounts = fields.inner("f:resources", part)
        yield from (f"f:{name}" in amounts.values for name in ResourceName)
