"""A connection pool as a queue: M/M/c, Erlang's second formula."""

import math

from advisor.model.forecast import PoolDemand, PoolForecast

_LARGEST = 10_000


class ErlangPool:
    """Implements PoolModel. Arrivals at random, holds exponential, `capacity` servers, one queue.

    Source: A. K. Erlang (1917); L. Kleinrock, Queueing Systems I (1975), 3.5. Holds in applications vary less than
    exponentially, so the waits are on the safe side. Where arrivals are burstier than random, all waits are longer by
    that factor (Allen and Cunneen's approximation of G/G/c).
    """

    def forecast(self, demand: PoolDemand, capacity: int) -> PoolForecast:
        busy = demand.busy
        utilisation = busy / capacity
        if utilisation >= 1:
            return PoolForecast(
                capacity=capacity, utilisation=utilisation, wait_mean_seconds=math.inf, wait_p95_seconds=math.inf
            )
        waiting = erlang_c(capacity, busy)
        # Those who wait do so exponentially with this rate; everybody else not at all.
        rate = (capacity - busy) / demand.hold_seconds / demand.burstiness
        p95 = math.log(waiting / 0.05) / rate if waiting > 0.05 else 0.0
        return PoolForecast(
            capacity=capacity, utilisation=utilisation, wait_mean_seconds=waiting / rate, wait_p95_seconds=p95
        )

    def smallest_capacity(self, demand: PoolDemand, *, wait_p95_seconds: float, utilisation: float) -> int:
        capacity = max(1, math.ceil(demand.busy / utilisation))
        while capacity < _LARGEST and self.forecast(demand, capacity).wait_p95_seconds > wait_p95_seconds:
            capacity += 1
        return capacity


def erlang_c(servers: int, busy: float) -> float:
    """The share (0 to 1) of arrivals that must wait, for `busy` = arrivals x hold < `servers`.

    By the recursion of Erlang B, which stays between 0 and 1 for any number of servers.
    """
    if busy <= 0:
        return 0.0
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = busy * blocked / (n + busy * blocked)
    return blocked / (1 - busy / servers * (1 - blocked))
