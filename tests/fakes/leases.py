"""One Lease on an API server in memory: read, and replaced only by who has read its last version."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from advisor.clients.deadline import Deadline
from advisor.clients.kubernetes import MovedError, NotThereError
from advisor.model.errors import AdvisorError


class FakeLeases:
    """error: what every question is answered with. before_write: somebody who comes in between, once."""

    def __init__(self, *, is_there: bool = True) -> None:
        metadata = {"name": "lead", "namespace": "tuning-advisor", "resourceVersion": "1"}
        self._lease: dict[str, Any] | None = {"metadata": metadata, "spec": {}} if is_there else None
        self.error: AdvisorError | None = None
        self.before_write: Callable[[], object] | None = None

    @property
    def spec(self) -> Mapping[str, Any]:
        return dict(self._lease["spec"]) if self._lease else {}

    def get(self, path: str, deadline: Deadline) -> Mapping[str, Any]:
        if self.error is not None:
            raise self.error
        if self._lease is None:
            raise NotThereError("not there", where=path)
        return deepcopy(self._lease)

    def replace(self, path: str, document: Mapping[str, Any], deadline: Deadline) -> Mapping[str, Any]:
        between, self.before_write = self.before_write, None
        if between is not None:
            between()
        there = self.get(path, deadline)
        version = there["metadata"]["resourceVersion"]
        if document["metadata"]["resourceVersion"] != version:
            raise MovedError("it has moved meanwhile", where=path)
        self._lease = {**deepcopy(dict(document))}
        self._lease["metadata"] = {**there["metadata"], "resourceVersion": str(int(version) + 1)}
        return deepcopy(self._lease)
