"""What all pods together are asked for: a steady load with bursts. Pure."""

import random
from collections.abc import Iterator

_STEADY_CORES = 1.1
_BURST_CORES = (0.4, 0.55)
_STEPS_OF_A_BURST = 3


def bursts(seed: int, between: tuple[int, int]) -> Iterator[float]:
    """Cores, step by step, without end. A step is a minute of the recorded days, and a second of the demo.

    between: steps from the end of a burst to the next, at least and at most.
    """
    source = random.Random(seed)  # noqa: S311
    while True:
        for _ in range(source.randint(*between)):
            yield _STEADY_CORES
        height = source.uniform(*_BURST_CORES)
        for _ in range(_STEPS_OF_A_BURST):
            yield _STEADY_CORES + height
