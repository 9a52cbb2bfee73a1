"""The models with their answers written down, where a test is not about queues, caches or replays."""

from collections.abc import Mapping, Sequence

from advisor.model.forecast import CacheForecast, PoolDemand, PoolForecast, Reuse
from advisor.model.kubernetes.load_pattern import LoadPattern, PatternGuess
from advisor.model.kubernetes.playing import HpaChoice, HpaForecast, HpaPlan, HpaQuestion, Played


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


class FakeAutoscalerModel:
    """Every plan does as `outcomes` says of its first target's value: (overload seconds, pod-hours) a day.

    What is not named has no overload and a day of one pod. The cheapest plan is best, the guide's where all cost alike.
    """

    def __init__(self, outcomes: Mapping[float, tuple[float, float]] | None = None) -> None:
        self.outcomes = dict(outcomes or {})
        self.asked: list[HpaQuestion] = []

    def choose(self, question: HpaQuestion) -> HpaChoice:
        self.asked.append(question)
        if not question.days:
            raise ValueError("no day of demand is known, so nothing can be played")
        plans = (question.guide, question.today, *question.candidates)
        best = min(plans, key=lambda plan: self._cost(plan, question.overload_price))
        costs = [self._cost(plan, question.overload_price) for plan in (best, question.today)]
        return HpaChoice(
            best=self._forecast(best),
            guide=self._forecast(question.guide),
            today=self._forecast(question.today),
            gain_ratio=1 - costs[0] / costs[1],
            certainty=1.0,
        )

    def _outcome(self, plan: HpaPlan) -> tuple[float, float]:
        return self.outcomes.get(plan.targets[0].value, (0.0, 24.0))

    def _cost(self, plan: HpaPlan, price: float) -> float:
        overload, hours = self._outcome(plan)
        return hours + overload / 3600 * price * hours / 24

    def _forecast(self, plan: HpaPlan) -> HpaForecast:
        overload, hours = self._outcome(plan)
        peak = Played(replicas=(1,), ready=(1,), overload_seconds=overload, pod_hours=hours, moves=0)
        return HpaForecast(
            plan=plan,
            overload_seconds=(overload, overload, overload),
            pod_hours=(hours, hours, hours),
            moves=0.0,
            peak=peak,
        )


class FakeLoadClassifier:
    """The same pattern for every demand, without a doubt."""

    def __init__(self, pattern: LoadPattern = LoadPattern.STEADY) -> None:
        self.pattern = pattern
        self.asked: list[Sequence[Sequence[float]]] = []

    def classify(self, days: Sequence[Sequence[float]]) -> PatternGuess:
        self.asked.append(days)
        if len(days) < 2:
            raise ValueError("a load pattern needs at least two whole days of one length")
        return PatternGuess(pattern=self.pattern, confidence=1.0, features={})
