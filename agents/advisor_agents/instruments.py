"""Everything the agents show to Prometheus. Values are pushed into plain metrics, so that several workers work.

In prometheus_client's multiprocess mode a gauge of mode "liveall" shows one series for each worker, labelled `pid`:
a value counts as applied when every one of them shows it.
"""

from typing import Literal
from weakref import WeakKeyDictionary

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram

_WAITS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_CACHES = (0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1)
_GAPS = (0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 14400, 86400)
_Mode = Literal["liveall", "livemax", "livesum"]


class Instruments:
    """The metrics of all agents of one registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, text: str, labels: tuple[str, ...], mode: _Mode = "liveall") -> Gauge:
            return Gauge(f"advisor_agent_{name}", text, labels, registry=registry, multiprocess_mode=mode)

        def counter(name: str, text: str, labels: tuple[str, ...]) -> Counter:
            return Counter(f"advisor_agent_{name}", text, labels, registry=registry)

        def histogram(name: str, text: str, labels: tuple[str, ...], buckets: tuple[float, ...]) -> Histogram:
            return Histogram(f"advisor_agent_{name}", text, labels, registry=registry, buckets=buckets)

        knob, pool = ("app", "knob"), ("app", "pool")
        cache, tier = ("app", "cache"), ("app", "cache", "tier")

        self.knob_value = gauge("knob_value", "Live value of a knob.", knob)
        self.knob_change = gauge("knob_change_info", "1 for the change whose entry is in force.", (*knob, "change"))
        self.knob_rejected = counter("knob_rejected_total", "Entries refused.", (*knob, "reason"))
        self.info = gauge("info", "1 under the name by which this process is in a canary or not.", ("app", "name"))
        self.started = gauge("started_seconds", "Unix time at which this process began to be watched.", ("app",))
        self.board_age = gauge("board_age_seconds", "Since the board was last read.", ("app",))

        self.pool_knob = gauge("pool_knob_info", "1 for the pool that a knob moves.", (*pool, "knob"))
        self.pool_size = gauge("pool_size", "Connections kept open.", pool)
        self.pool_max_overflow = gauge("pool_max_overflow", "Connections allowed above the size.", pool)
        self.pool_timeout = gauge("pool_timeout_seconds", "Longest wait for a connection.", pool)
        self.pool_checked_out = gauge("pool_checked_out", "Connections in use.", pool)
        self.pool_waiting = gauge("pool_waiting", "Callers waiting for a connection.", pool)
        self.pool_wait = histogram("pool_wait_seconds", "Wait for a connection.", pool, _WAITS)
        self.pool_hold = histogram("pool_hold_seconds", "How long a connection was in use.", pool, _WAITS)
        self.pool_checkouts = counter("pool_checkouts_total", "Connections given out.", pool)
        self.pool_timeouts = counter("pool_timeouts_total", "Waits that ended in a time-out.", pool)
        self.pool_longest = gauge(
            "pool_longest_checkout_seconds", "Age of the oldest check-out, and who made it.", (*pool, "site"), "livemax"
        )

        self.threads_busy = gauge("threads_busy", "Worker threads in use.", ("app",))
        self.thread_limit = gauge("thread_limit", "Worker threads that may be in use.", ("app",))

        self.cache_hits = counter("cache_hits_total", "Requests a tier answered.", tier)
        self.cache_misses = counter(
            "cache_misses_total", "Requests a tier had no answer to; not those that failed.", tier
        )
        self.cache_evictions = counter("cache_evictions_total", "Entries dropped.", (*tier, "reason"))
        self.cache_errors = counter("cache_errors_total", "Failed calls of a tier.", tier)
        self.cache_latency = histogram("cache_latency_seconds", "Time of one lookup.", tier, _CACHES)
        self.cache_items = gauge("cache_items", "Entries held.", tier, "livesum")
        self.cache_ttl = gauge("cache_ttl_seconds", "How long an entry is served.", tier)
        self.cache_max_items = gauge("cache_max_items", "Most entries held.", tier)
        self.cache_load = histogram("cache_load_seconds", "Time of one load from the origin.", cache, _WAITS)
        self.cache_reuse = histogram("cache_reuse_seconds", "Time since the same key was last asked for.", cache, _GAPS)
        self.cache_asked = counter("cache_asked_total", "Requests seen by the reuse statistics.", cache)
        self.cache_reloaded = counter("cache_reloaded_total", "Reloads of a key whose former value is known.", cache)
        self.cache_changed = counter("cache_changed_total", "Of these, those that found another value.", cache)


_BY_REGISTRY: WeakKeyDictionary[CollectorRegistry, Instruments] = WeakKeyDictionary()


def instruments(registry: CollectorRegistry = REGISTRY) -> Instruments:
    """The one set of metrics of `registry`; made when first asked for."""
    if registry not in _BY_REGISTRY:
        _BY_REGISTRY[registry] = Instruments(registry)
    return _BY_REGISTRY[registry]
