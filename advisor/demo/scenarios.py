"""The three bottlenecks of the demo: how each is switched on, and by which rule and route it is to be recognised."""

from dataclasses import dataclass

from advisor.demo.voiceassist.configuration import Configuration


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """route: the load generator's, on which callers should feel the change. metric: what is compared there."""

    name: str
    rule: str
    route: str
    metric: str


SCENARIOS = (
    Scenario(name="pool-too-small", rule="pool-exhaustion", route="replies", metric="mean latency of replies"),
    Scenario(name="missing-index", rule="missing-index", route="messages", metric="mean latency of messages"),
    Scenario(name="short-ttl", rule="low-cache-hit-rate", route="dashboard", metric="mean latency of the dashboard"),
)


def badly_set(database_url: str, redis_url: str) -> Configuration:
    """A pool of 4 for a demand of 4.5 busy connections, and entries that live for a second."""
    return Configuration(
        database_url=database_url,
        redis_url=redis_url,
        pool_size=4,
        pool_timeout_seconds=1.0,
        l1_ttl_seconds=0.5,
        l2_ttl_seconds=1.0,
    )
