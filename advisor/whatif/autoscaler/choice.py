"""The best settings of an autoscaler for recorded days, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from advisor.model.kubernetes.playing import ControllerTimes, HpaChoice, HpaForecast, HpaPlan, HpaQuestion, Load, Played
from advisor.whatif.autoscaler.play import play
from advisor.whatif.autoscaler.resample import interval, share_at_most_zero

_BUSIER = 1.25
"""Days to come differ from those seen: overload is counted on days that are busier by so much, too."""
_SURE = 0.95
_FEWEST_DAYS = 3
_PEAK_SECONDS = 300


class ReplayedAutoscaler:
    """Predicts an autoscaler by playing recorded demand through its algorithm."""

    def choose(self, question: HpaQuestion) -> HpaChoice:
        """The best of the candidates, beside the guide's plan and today's.

        A plan stands in for the guide's only where it has, in 95 of 100 resamples of the days, no more overload.

        On the days as they were and on busier ones, and no more pod-hours; of those, the one that costs least, with
        overload at its price. Fewer than three days tell too little: the guide's plan is best then.
        """
        if not question.days:
            raise ValueError("no day of demand is known, so nothing can be played")
        plans = list(dict.fromkeys((question.guide, question.today, *question.candidates)))
        seen = _seen(question, plans)
        guide = seen[question.guide]
        fit = [one for one in seen.values() if one.is_surely_as_good_as(guide)] if _enough(question) else []
        today, price, pods = seen[question.today], question.overload_price, guide.mean_pods
        best = min([guide, *fit], key=lambda one: sum(one.costs(price, pods)))
        costs = [one.costs(price, pods) for one in (best, today)]
        before = sum(costs[1])
        return HpaChoice(
            best=best.forecast(question.times),
            guide=guide.forecast(question.times),
            today=today.forecast(question.times),
            gain_ratio=(before - sum(costs[0])) / before if before else 0.0,
            certainty=share_at_most_zero([after - its for after, its in zip(*costs, strict=True)]),
        )


def _enough(question: HpaQuestion) -> bool:
    return len(question.days) >= _FEWEST_DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A plan on every day, as it was and busier."""

    plan: HpaPlan
    days: Sequence[Played]
    busier: Sequence[Played]
    peak: Played

    @property
    def mean_pods(self) -> float:
        syncs = sum(len(day.replicas) for day in self.days)
        return sum(sum(day.replicas) for day in self.days) / syncs if syncs else 0.0

    def costs(self, overload_price: float, mean_pods: float) -> list[float]:
        """Of each day, in pod-hours; the overload of the day as it was and of the busier one count half each."""
        return [
            day.pod_hours + (day.overload_seconds + busy.overload_seconds) / 7200 * overload_price * mean_pods
            for day, busy in zip(self.days, self.busier, strict=True)
        ]

    def is_surely_as_good_as(self, other: "_Seen") -> bool:
        overload = (
            share_at_most_zero([mine.overload_seconds - its.overload_seconds for mine, its in zip(a, b, strict=True)])
            for a, b in ((self.days, other.days), (self.busier, other.busier))
        )
        hours = share_at_most_zero(
            [mine.pod_hours - its.pod_hours for mine, its in zip(self.days, other.days, strict=True)]
        )
        return hours >= _SURE and all(share >= _SURE for share in overload)

    def forecast(self, times: ControllerTimes) -> HpaForecast:
        every = max(1, round(_PEAK_SECONDS / times.sync_seconds))
        return HpaForecast(
            plan=self.plan,
            overload_seconds=interval([day.overload_seconds for day in self.days]),
            pod_hours=interval([day.pod_hours for day in self.days]),
            moves=sum(day.moves for day in self.days) / len(self.days),
            peak=replace(self.peak, replicas=self.peak.replicas[::every], ready=self.peak.ready[::every]),
        )


def _seen(question: HpaQuestion, plans: Sequence[HpaPlan]) -> dict[HpaPlan, _Seen]:
    days = question.days
    played = play([*days, *map(_busier, days)], plans, question.pod, question.times)
    first = question.guide.targets[0].name
    peak = max(range(len(days)), key=lambda at: max(days[at].demands[first]))
    return {
        plan: _Seen(
            plan=plan,
            days=[played[day][at] for day in range(len(days))],
            busier=[played[len(days) + day][at] for day in range(len(days))],
            peak=played[peak][at],
        )
        for at, plan in enumerate(plans)
    }


def _busier(load: Load) -> Load:
    demands = {name: [value * _BUSIER for value in values] for name, values in load.demands.items()}
    return Load(step_seconds=load.step_seconds, demands=demands)
