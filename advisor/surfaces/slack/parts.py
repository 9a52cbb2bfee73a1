"""What a message says of one change, part by part: found, evidence, effect, risk, commands, numbers."""

import math
from collections.abc import Mapping, Sequence

from advisor.model.change import ChangeRecord
from advisor.model.finding import Evidence
from advisor.model.proposal import Prediction, Proposal
from advisor.model.signal import SignalKey
from advisor.model.verdict import MetricComparison, PredictionCheck
from advisor.surfaces.documents.course import probation_text
from advisor.surfaces.documents.quantity import quantity
from advisor.surfaces.documents.sparkline import sparkline
from advisor.surfaces.slack.blocks import Part, context, listed, section
from advisor.surfaces.slack.limits import CONTEXT_ELEMENTS
from advisor.surfaces.slack.words import code, fence, fences, fits_a_fence, words
from advisor.surfaces.views.course import probation_view

_COMMAND_CHARACTERS = 2000
"""Of apply and undo in the message itself; a longer one stands whole in the thread."""
_LINES = 8
_FEW = 4
_LINE_CHARACTERS = 240
_UNITS = {
    "_seconds": "s",
    "_ratio": "ratio",
    "_per_second": "1/s",
    "_bytes": "B",
    ".ttl": "s",
}


def found(proposal: Proposal) -> Part:
    text = f"*Found* by {code(proposal.rule)}: {words(proposal.rationale, 1200)}"
    return Part(blocks=(section(text),), rank=1, detail=(f"*Found* {words(proposal.rationale)}",))


def evidence(proposal: Proposal) -> Part:
    lines = [_line(one) for one in proposal.evidence]
    if not lines:
        return Part(blocks=())
    shown, left = lines[:_LINES], lines[_LINES:]
    more = [f"_{len(left)} more in the thread_"] if left else []
    return Part(blocks=listed(["*Evidence*", *shown, *more]), rank=5, detail=("*Evidence*", *shown))


def more_evidence(proposal: Proposal) -> tuple[str, ...]:
    """What the message has no line for, as pieces for the thread."""
    rest = [_line(one) for one in proposal.evidence[_LINES:]]
    return ("*More evidence*", *rest) if rest else ()


def effect(proposal: Proposal) -> Part:
    """The forecast with its interval, and the goal that the change is judged by."""
    goal = proposal.goal
    least = quantity(goal.minimum_gain_ratio, "ratio")
    text = f"*Expected* {forecast(proposal.prediction)}"
    if proposal.automatic:
        text += f"\nKept only if {code(str(goal.signal))} is proven {goal.better.value} by at least {least}"
    return Part(blocks=(section(text),), rank=2, detail=(text,))


def forecast(prediction: Prediction) -> str:
    if prediction.model == "none":
        return "no number is promised"
    likely, low, high = (
        quantity(value, prediction.unit) for value in (prediction.expected, prediction.low, prediction.high)
    )
    model = words(prediction.model, 60)
    return f"{code(str(prediction.signal))} becomes {words(likely)}, between {words(low)} and {words(high)} ({model})"


def risk(proposal: Proposal) -> Part:
    lines = [f"*Risk* {proposal.risk.value}"]
    lines += [f"• speaks against it: {words(doubt, _LINE_CHARACTERS)}" for doubt in proposal.doubts[:_FEW]]
    lines += [f"• instead: {words(other, _LINE_CHARACTERS)}" for other in proposal.alternatives[:_FEW]]
    return Part(blocks=listed(lines), rank=4, detail=tuple(lines))


def commands(proposal: Proposal) -> tuple[Part, ...]:
    """Exactly what a person would run instead, and what takes it back."""
    return tuple(
        _command(title, text) for title, text in (("Apply", proposal.apply), ("Undo", proposal.undo)) if text.strip()
    )


def whole_commands(proposal: Proposal) -> tuple[str, ...]:
    """Those that the message cuts, whole, as pieces for the thread."""
    return tuple(
        f"*{title}, whole*\n{piece}"
        for title, text in (("Apply", proposal.apply), ("Undo", proposal.undo))
        if not fits_a_fence(text, _COMMAND_CHARACTERS)
        for piece in fences(text, _COMMAND_CHARACTERS)
    )


def signals_of(record: ChangeRecord) -> tuple[SignalKey, ...]:
    """The goal's first, then those of the guardrails."""
    every = (record.proposal.goal.signal, *(guardrail.signal for guardrail in record.plan.guardrails))
    return tuple(dict.fromkeys(every))


def so_far(record: ChangeRecord, live: Mapping[SignalKey, Sequence[float]]) -> Part:
    """The goal and the guardrails since the value is on trial, beside the baseline. A look, and no verdict."""
    baseline = {named.signal: [one.value for one in named.series.samples] for named in record.baseline}
    trial = {named.signal: [one.value for one in named.series.samples] for named in record.trial}
    lines = []
    for key in signals_of(record)[:_LINES]:
        now = live.get(key) or trial.get(key) or ()
        if not now:
            continue
        before = _mean(baseline.get(key, ()))
        was = f" (before {_told(before, key, record)})" if before is not None else ""
        lines.append(f"{code(str(key), 120)} {_told(now[-1], key, record)}{was} {sparkline(now)}")
    if not lines:
        return Part(blocks=())
    return Part(blocks=listed(["*So far*, not judged yet", *lines]), rank=3)


def before(line: str) -> Part:
    """How the goal went until now, as a sparkline; nothing where that is not known."""
    return Part(blocks=(context(f"until now {line}"),) if line else (), rank=6)


def outcome(record: ChangeRecord) -> tuple[Part, ...]:
    """What was predicted beside what was measured, and every metric that was judged."""
    verdict = record.verdict
    if verdict is None:
        return ()
    check = verdict.prediction
    said = f"*Verdict* {words(verdict.explanation, 1200)}"
    parts = [Part(blocks=(section(said),), rank=1, detail=(said,))]
    if (probation := probation_view(record)) is not None:
        watched = f"*Probation* {words(probation_text(probation), 1200)}"
        parts.append(Part(blocks=(section(watched),), rank=1, detail=(watched,)))
    if check is not None:
        parts.append(Part(blocks=(section(beside(check)),), rank=2, detail=(beside(check),)))
    if verdict.mechanism is not None:
        told = f"*At work* {words(str(verdict.mechanism))}"
        parts.append(Part(blocks=(section(told),), rank=3, detail=(told,)))
    if verdict.placebo is not None:
        told = f"*Without a change* {words(str(verdict.placebo))}"
        parts.append(Part(blocks=(section(told),), rank=3, detail=(told,)))
    metrics = [_compared(metric) for metric in verdict.evidence[:_LINES]]
    if metrics:
        parts.append(Part(blocks=listed(["*Measured*", *metrics]), rank=3, detail=("*Measured*", *metrics)))
    return tuple(parts)


def beside(check: PredictionCheck) -> str:
    """Predicted and measured, each with its interval."""
    predicted, measured = (
        f"{quantity(likely, check.unit)} ({quantity(low, check.unit)} to {quantity(high, check.unit)})"
        for likely, low, high in (
            (check.predicted, check.predicted_low, check.predicted_high),
            (check.measured, check.measured_low, check.measured_high),
        )
    )
    if not math.isfinite(check.measured):
        measured = "nothing"
    fate = "within" if check.is_covered else "outside"
    told = f", {fate} the forecast" if math.isfinite(check.measured) else ""
    return f"*Predicted* {words(predicted)}, *measured* {words(measured)}{told}: {code(check.signal)}"


def footer(*texts: str) -> Part:
    return Part(blocks=(context(*[text for text in texts if text][:CONTEXT_ELEMENTS]),))


def _command(title: str, text: str) -> Part:
    more = "" if fits_a_fence(text, _COMMAND_CHARACTERS) else " (cut here; whole in the thread)"
    shown = section(f"*{title}*{more}\n{fence(text, _COMMAND_CHARACTERS)}")
    return Part(blocks=(shown,), rank=2, detail=() if more else (f"*{title}*\n{fence(text, _COMMAND_CHARACTERS)}",))


def _line(one: Evidence) -> str:
    value = quantity(one.value, one.unit)
    bound = f", threshold {words(quantity(one.threshold, one.unit), 60)}" if one.threshold is not None else ""
    return f"• {code(one.signal, 120)} {words(value, 100)}{bound}"


def _compared(metric: MetricComparison) -> str:
    unit = _unit(metric.signal.partition("{")[0])
    was, now = (metric.mean_before, metric.mean_after) if metric.is_measured else (metric.before, metric.after)
    told = f"• {code(metric.signal, 120)} {words(_known(was, unit))} to {words(_known(now, unit))}"
    if metric.is_at_floor:
        return f"{told} (at most 0.01)"
    return f"{told} (x{metric.ratio:.3g})" if math.isfinite(metric.ratio) else told


def _known(value: float, unit: str) -> str:
    return quantity(value, unit) if math.isfinite(value) else "unknown"


def _told(value: float, key: SignalKey, record: ChangeRecord) -> str:
    prediction = record.proposal.prediction
    return words(quantity(value, prediction.unit if key == prediction.signal else _unit(key.name)), 60)


def _unit(name: str) -> str:
    """Signals carry their unit in their name."""
    return next((unit for ending, unit in _UNITS.items() if name.endswith(ending)), "")


def _mean(values: Sequence[float]) -> float | None:
    finite = [value for value in values if math.isfinite(value)]
    return math.fsum(finite) / len(finite) if finite else None
