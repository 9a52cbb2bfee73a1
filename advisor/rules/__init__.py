"""The rule book: one bottleneck a module."""

from advisor.rules.autovacuum_behind import AUTOVACUUM_BEHIND
from advisor.rules.cacheable_query import CACHEABLE_QUERY
from advisor.rules.connection_leak import CONNECTION_LEAK
from advisor.rules.connections_budget import CONNECTIONS_BUDGET
from advisor.rules.db_cpu_bound import DB_CPU_BOUND
from advisor.rules.duplicate_index import DUPLICATE_INDEX
from advisor.rules.index_bloat import INDEX_BLOAT
from advisor.rules.invalid_index import INVALID_INDEX
from advisor.rules.long_transaction import LONG_TRANSACTION
from advisor.rules.low_cache_hit_rate import LOW_CACHE_HIT_RATE
from advisor.rules.missing_index import MISSING_INDEX
from advisor.rules.n_plus_one import N_PLUS_ONE
from advisor.rules.pool_exhaustion import POOL_EXHAUSTION
from advisor.rules.rule import Rule
from advisor.rules.slow_query import SLOW_QUERY
from advisor.rules.stale_statistics import STALE_STATISTICS
from advisor.rules.table_bloat import TABLE_BLOAT
from advisor.rules.unbounded_result import UNBOUNDED_RESULT
from advisor.rules.unused_index import UNUSED_INDEX
from advisor.rules.wraparound_risk import WRAPAROUND_RISK

ALL_RULES: tuple[Rule, ...] = (
    POOL_EXHAUSTION,
    MISSING_INDEX,
    LOW_CACHE_HIT_RATE,
    SLOW_QUERY,
    N_PLUS_ONE,
    UNBOUNDED_RESULT,
    CACHEABLE_QUERY,
    STALE_STATISTICS,
    TABLE_BLOAT,
    INDEX_BLOAT,
    AUTOVACUUM_BEHIND,
    CONNECTION_LEAK,
    LONG_TRANSACTION,
    CONNECTIONS_BUDGET,
    WRAPAROUND_RISK,
    DB_CPU_BOUND,
    UNUSED_INDEX,
    DUPLICATE_INDEX,
    INVALID_INDEX,
)
"""Every rule there is, in the order in which they are asked."""
