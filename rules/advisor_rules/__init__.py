"""The rule book: one bottleneck a module."""

from advisor.ports.rule import Rule
from advisor_rules.cache.low_cache_hit_rate import LOW_CACHE_HIT_RATE
from advisor_rules.indexes.duplicate_index import DUPLICATE_INDEX
from advisor_rules.indexes.invalid_index import INVALID_INDEX
from advisor_rules.indexes.missing_index import MISSING_INDEX
from advisor_rules.indexes.unused_index import UNUSED_INDEX
from advisor_rules.kubernetes.cpu_throttled import CPU_THROTTLED
from advisor_rules.kubernetes.hpa_at_max import HPA_AT_MAX
from advisor_rules.kubernetes.hpa_custom_metric import HPA_CUSTOM_METRIC
from advisor_rules.kubernetes.hpa_fast_scale_down import HPA_FAST_SCALE_DOWN
from advisor_rules.kubernetes.hpa_flapping import HPA_FLAPPING
from advisor_rules.kubernetes.hpa_hands_off import HPA_HANDS_OFF
from advisor_rules.kubernetes.hpa_memory_target import HPA_MEMORY_TARGET
from advisor_rules.kubernetes.hpa_missing_requests import HPA_MISSING_REQUESTS
from advisor_rules.kubernetes.hpa_slow_scale_up import HPA_SLOW_SCALE_UP
from advisor_rules.kubernetes.hpa_target_too_high import HPA_TARGET_TOO_HIGH
from advisor_rules.kubernetes.hpa_target_too_low import HPA_TARGET_TOO_LOW
from advisor_rules.kubernetes.implausible_quantity import IMPLAUSIBLE_QUANTITY
from advisor_rules.kubernetes.missing_requests import MISSING_REQUESTS
from advisor_rules.kubernetes.oom_killed import OOM_KILLED
from advisor_rules.kubernetes.pods_refused import PODS_REFUSED
from advisor_rules.kubernetes.qos_best_effort import QOS_BEST_EFFORT
from advisor_rules.kubernetes.resources_over_provisioned import RESOURCES_OVER_PROVISIONED
from advisor_rules.kubernetes.resources_under_provisioned import RESOURCES_UNDER_PROVISIONED
from advisor_rules.maintenance.autovacuum_behind import AUTOVACUUM_BEHIND
from advisor_rules.maintenance.index_bloat import INDEX_BLOAT
from advisor_rules.maintenance.long_transaction import LONG_TRANSACTION
from advisor_rules.maintenance.stale_statistics import STALE_STATISTICS
from advisor_rules.maintenance.table_bloat import TABLE_BLOAT
from advisor_rules.maintenance.wraparound_risk import WRAPAROUND_RISK
from advisor_rules.pool.connection_leak import CONNECTION_LEAK
from advisor_rules.pool.connections_budget import CONNECTIONS_BUDGET
from advisor_rules.pool.pool_exhaustion import POOL_EXHAUSTION
from advisor_rules.statements.cacheable_query import CACHEABLE_QUERY
from advisor_rules.statements.db_cpu_bound import DB_CPU_BOUND
from advisor_rules.statements.n_plus_one import N_PLUS_ONE
from advisor_rules.statements.slow_query import SLOW_QUERY
from advisor_rules.statements.unbounded_result import UNBOUNDED_RESULT

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
    OOM_KILLED,
    CPU_THROTTLED,
    RESOURCES_UNDER_PROVISIONED,
    RESOURCES_OVER_PROVISIONED,
    MISSING_REQUESTS,
    QOS_BEST_EFFORT,
    IMPLAUSIBLE_QUANTITY,
    PODS_REFUSED,
    HPA_MISSING_REQUESTS,
    HPA_AT_MAX,
    HPA_TARGET_TOO_HIGH,
    HPA_TARGET_TOO_LOW,
    HPA_FLAPPING,
    HPA_SLOW_SCALE_UP,
    HPA_FAST_SCALE_DOWN,
    HPA_MEMORY_TARGET,
    HPA_CUSTOM_METRIC,
    HPA_HANDS_OFF,
)
"""Every rule there is, in the order in which they are asked."""
