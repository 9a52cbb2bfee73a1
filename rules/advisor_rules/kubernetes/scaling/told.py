"""What a replay said, in words and as evidence."""

from collections.abc import Iterator

from advisor.model.finding import Evidence
from advisor.model.kubernetes.playing import HpaForecast, Played
from advisor.model.plot import Plot, replica_paths
from advisor_rules.kubernetes.scaling.case import Case

OVERLOAD = "kubernetes.hpa_overload_seconds_a_day"
POD_HOURS = "kubernetes.hpa_pod_hours_a_day"
_HOURS = 24
DAY_SECONDS = 86_400.0


def told(forecast: HpaForecast) -> str:
    """Overload and pod-hours of an average day, each with its interval."""
    overload, hours = forecast.overload_seconds, forecast.pod_hours
    return (
        f"{overload[1]:.0f} s of overload a day ({overload[0]:.0f} to {overload[2]:.0f}) "
        f"and {hours[1]:.1f} pod-hours ({hours[0]:.1f} to {hours[2]:.1f})"
    )


def path(played: Played) -> str:
    """The most pods of each hour of the day, "2 2 3 5 ..."."""
    steps = len(played.replicas)
    hours = [played.replicas[hour * steps // _HOURS : (hour + 1) * steps // _HOURS] for hour in range(_HOURS)]
    return " ".join(str(max(hour)) for hour in hours if hour)


def evidence(today: HpaForecast, other: HpaForecast) -> Iterator[Evidence]:
    """What is now, and what `other` would do: numbers of an average day, and pods by hour on the busiest."""
    yield Evidence(
        signal=OVERLOAD,
        value=round(today.overload_seconds[1], 1),
        unit="s",
        threshold=round(other.overload_seconds[1], 1),
    )
    yield Evidence(
        signal=POD_HOURS, value=round(today.pod_hours[1], 2), unit="h", threshold=round(other.pod_hours[1], 2)
    )
    yield Evidence(signal="kubernetes.hpa_pods_by_hour.today", value=path(today.peak), unit="pods")
    yield Evidence(signal="kubernetes.hpa_pods_by_hour.proposed", value=path(other.peak), unit="pods")


def drawn(today: HpaForecast, other: HpaForecast) -> Plot:
    """The pods of the busiest day, as played, with both settings."""
    bounds = [("maximum", float(today.plan.max_replicas))]
    if other.plan.max_replicas != today.plan.max_replicas:
        bounds.append(("new maximum", float(other.plan.max_replicas)))
    return replica_paths(
        "pods on the busiest day, as played",
        [("today", today.peak.replicas), ("proposed", other.peak.replicas)],
        DAY_SECONDS / max(1, len(today.peak.replicas)),
        bounds=bounds,
    )


def assumptions(case: Case, start_seconds: float) -> Iterator[str]:
    """What the replay takes for granted."""
    yield (
        f"played over {case.days} days with pods that are ready after {start_seconds:.0f} s "
        f"and serve what they ask for: {float(case.request):g} cores"
    )
    if not case.is_alone:
        others = ", ".join(one.name for one in case.hpa.metrics if one is not case.metric)
        yield f"its other metrics ({others}) were not played, and may hold more pods"
