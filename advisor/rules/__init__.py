"""The rule book: one bottleneck a module."""

from advisor.rules.duplicate_index import DUPLICATE_INDEX
from advisor.rules.invalid_index import INVALID_INDEX
from advisor.rules.low_cache_hit_rate import LOW_CACHE_HIT_RATE
from advisor.rules.missing_index import MISSING_INDEX
from advisor.rules.pool_exhaustion import POOL_EXHAUSTION
from advisor.rules.rule import Rule
from advisor.rules.unused_index import UNUSED_INDEX

ALL_RULES: tuple[Rule, ...] = (
    POOL_EXHAUSTION,
    MISSING_INDEX,
    LOW_CACHE_HIT_RATE,
    UNUSED_INDEX,
    DUPLICATE_INDEX,
    INVALID_INDEX,
)
"""Every rule there is, in the order in which they are asked."""
