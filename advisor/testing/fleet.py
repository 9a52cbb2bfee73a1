"""A Fleet of instances that a test names."""

from collections.abc import Sequence

from advisor.model.cohort import Instance
from advisor.model.errors import AdvisorError
from advisor.model.knob import Order


class FakeFleet:
    """The same instances behind every target, each a service of its own. `unlisted`, when set, is raised."""

    def __init__(self, *names: str) -> None:
        self.names = list(names)
        self.unlisted: AdvisorError | None = None

    def instances(self, order: Order) -> Sequence[Instance]:
        if self.unlisted is not None:
            raise self.unlisted
        return [Instance(name=name, scraped=f"{name}:80") for name in self.names]
