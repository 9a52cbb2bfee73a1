"""What rules ask of the what-if models."""

from collections.abc import Sequence
from typing import Protocol

from advisor.model.database.index_advice import UnpricedIndex
from advisor.model.database.workload import DatabaseState, Statement
from advisor.model.forecast import CacheForecast, IndexForecast, PoolDemand, PoolForecast, Reuse
from advisor.model.kubernetes.load_pattern import PatternGuess
from advisor.model.kubernetes.playing import HpaChoice, HpaQuestion
from advisor.model.query_plan import PlanNode


class PoolModel(Protocol):
    """Predicts a connection pool by queueing theory."""

    def forecast(self, demand: PoolDemand, capacity: int) -> PoolForecast:
        """The queue of `capacity` (>= 1) servers under `demand`; waits are infinite when it is overloaded."""

    def smallest_capacity(self, demand: PoolDemand, *, wait_p95_seconds: float, utilisation: float) -> int:
        """The least capacity whose p95 wait and utilisation stay at or below these."""


class CacheModel(Protocol):
    """Predicts a cache tier from how soon its keys come back."""

    def forecast(self, reuse: Reuse, ttl_seconds: float) -> CacheForecast:
        """Hit and stale ratio at `ttl_seconds` (> 0)."""


class AutoscalerModel(Protocol):
    """Predicts what a HorizontalPodAutoscaler does with a recorded demand."""

    def choose(self, question: HpaQuestion) -> HpaChoice:
        """The best of the candidates, beside the guide's settings and today's.

        Raises ValueError without a day, TransientError where the answer takes time and comes later.
        """


class LoadClassifier(Protocol):
    """Tells which of the guide's load patterns a demand follows."""

    def classify(self, days: Sequence[Sequence[float]]) -> PatternGuess:
        """days: two or more, a value a minute, all of one length, 0 or more.

        Raises ValueError where there are fewer, or hardly any values.
        """


class IndexPlanner(Protocol):
    """Prices indexes that do not exist."""

    def forecasts(self, database: DatabaseState, statement: Statement) -> Sequence[IndexForecast]:
        """Candidates for one statement, the best first; empty when none helps.

        Raises BadDataError when the statement cannot be read, SourceUnavailableError when the planner cannot.
        """

    def unpriced(self, database: DatabaseState, statement: Statement) -> Sequence[UnpricedIndex]:
        """Indexes that would serve the statement and cannot be priced. Raises as `forecasts`."""

    def why_none(self, database: DatabaseState, statement: Statement) -> str:
        """Why there is no candidate for the statement, in a sentence. Raises as `forecasts`."""


class StatementPlanner(Protocol):
    """Shows how one database would carry a statement out; nothing is run."""

    def plan(self, database: DatabaseState, statement: Statement) -> PlanNode:
        """The plan, whatever the parameters.

        Raises BadDataError when the statement cannot be planned or may not be, SourceUnavailableError when there is no
        server, or no planning time left in this cycle.
        """
