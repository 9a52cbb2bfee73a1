"""Sources that give what they were told to, fail, or hang."""

import threading

from advisor.model.snapshot import Observation


class FakeSource:
    """`answer` is returned, an empty one by default; an exception as `answer` is raised.

    With `gate` the read waits for it to be set.
    """

    def __init__(
        self, name: str = "source", answer: Observation | Exception | None = None, gate: threading.Event | None = None
    ) -> None:
        self.name = name
        self.answer = answer if answer is not None else Observation()
        self.gate = gate
        self.reads = 0

    def read(self, window_seconds: float) -> Observation:
        self.reads += 1
        if self.gate is not None:
            self.gate.wait(timeout=30)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class FakeCountingSource(FakeSource):
    """Implements CountingSource: counts who looks in turn, and who beside it."""

    def __init__(self, name: str = "source", answer: Observation | Exception | None = None) -> None:
        super().__init__(name, answer)
        self.glances = 0

    def glance(self, window_seconds: float) -> Observation:
        self.glances += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer
