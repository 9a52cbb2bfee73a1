"""A PoolModel and a CacheModel with their answers written down, where a test is not about queues or caches."""

from advisor.model.forecast import CacheForecast, PoolDemand, PoolForecast, Reuse


class FakePoolModel:
    """Any pool of `capacity` connections or more is large enough, whatever the demand; a smaller one never is."""

    def __init__(self, capacity: int = 10) -> None:
        self.capacity = capacity
        self.asked: list[PoolDemand] = []

    def forecast(self, demand: PoolDemand, capacity: int) -> PoolForecast:
        self.asked.append(demand)
        wait = 0.0 if capacity >= self.capacity else float("inf")
        return PoolForecast(
            capacity=capacity, utilisation=demand.busy / capacity, wait_mean_seconds=wait, wait_p95_seconds=wait
        )

    def smallest_capacity(self, demand: PoolDemand, *, wait_p95_seconds: float, utilisation: float) -> int:
        self.asked.append(demand)
        return self.capacity


class FakeCacheModel:
    """The same share of hits at every TTL, and nothing stale."""

    def __init__(self, hit_ratio: float = 0.5) -> None:
        self.hit_ratio = hit_ratio
        self.asked: list[Reuse] = []

    def forecast(self, reuse: Reuse, ttl_seconds: float) -> CacheForecast:
        self.asked.append(reuse)
        return CacheForecast(
            ttl_seconds=ttl_seconds,
            hit_ratio_low=self.hit_ratio,
            hit_ratio=self.hit_ratio,
            hit_ratio_high=self.hit_ratio,
            stale_ratio=0.0,
        )
