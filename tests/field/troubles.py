"""What can be wrong with the order tracking, and by which rule and knob a tuner should see it."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """variables: what it sets of the application. with_index: whether a customer's orders can be found by an index."""

    name: str
    rule: str
    knobs: frozenset[str]
    variables: dict[str, str] = field(default_factory=dict)
    with_index: bool = True


HEALTHY = {"TRACKING_POOL_SIZE": "8", "TRACKING_L1_TTL": "60", "TRACKING_L2_TTL": "3600"}

TROUBLES = {
    trouble.name: trouble
    for trouble in (
        Trouble(
            name="pool",
            rule="pool-exhaustion",
            knobs=frozenset({"db.pool_size", "db.max_overflow"}),
            variables={"TRACKING_POOL_SIZE": "2"},
        ),
        Trouble(name="index", rule="missing-index", knobs=frozenset({"postgres.index"}), with_index=False),
        Trouble(
            name="ttl",
            rule="low-cache-hit-rate",
            knobs=frozenset({"cache.l1.ttl", "cache.l2.ttl"}),
            variables={"TRACKING_L1_TTL": "0.5", "TRACKING_L2_TTL": "1"},
        ),
    )
}


def variables(troubles: Iterable[Trouble]) -> dict[str, str]:
    """The application's settings with all of `troubles`."""
    settings = dict(HEALTHY)
    for trouble in troubles:
        settings.update(trouble.variables)
    return settings
