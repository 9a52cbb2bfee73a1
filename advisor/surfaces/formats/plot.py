"""A plot as HTML with an SVG in it: no script, and legible on a telephone, as all its text stands beside the drawing.

The drawing is stretched to the width there is; the width of its strokes and the size of the text do not change.
"""

import html
import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from advisor.model.plot import Line, Plot
from advisor.model.units import format_duration
from advisor.surfaces.documents.plot_words import amount, plot_words

STYLE = """
figure { margin: 1rem 0 0; } figcaption { font-weight: 600; font-size: .92rem; overflow-wrap: anywhere; }
.canvas { display: grid; grid-template-columns: 4.2rem minmax(0, 1fr); gap: .2rem .5rem; margin: .3rem 0; }
.canvas svg { width: 100%; height: 9rem; display: block; border-left: 1px solid var(--line);
border-bottom: 1px solid var(--line); overflow: visible; }
.axis { display: flex; justify-content: space-between; color: var(--soft); font-size: .74rem; line-height: 1; }
.axis.up { flex-direction: column; text-align: right; } .axis.along { grid-column: 2; }
.along span:nth-child(2) { text-align: center; } .along span:last-child { text-align: right; }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; margin: 0; padding: 0; list-style: none;
font-size: .82rem; color: var(--soft); } .legend svg { width: 1.7rem; height: .7rem; margin-right: .35rem; }
svg path { fill: none; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round;
vector-effect: non-scaling-stroke; }
svg .grid { stroke: var(--line); stroke-width: 1; } svg .line-0 { stroke: var(--blue); stroke-width: 5; opacity: .35; }
svg .line-1 { stroke: var(--blue); } svg .line-2 { stroke: var(--green); stroke-dasharray: 6 4; }
svg .level-0 { stroke: var(--amber); stroke-dasharray: 7 4; }
svg .level-1 { stroke: var(--red); stroke-dasharray: 2 5; }
@media print { figure { break-inside: avoid; } }
"""
_WIDTH, _HEIGHT = 1000, 200
_LINES, _LEVELS = 3, 2
_KEY_WIDTH, _KEY_HEIGHT = 30, 10
_DAY = 86_400
_MOST_DAYS = 15
_STEPS = (1, 2, 2.5, 5, 10)


def to_figure(plot: Plot) -> str:
    """HTML that needs `STYLE`. Every text of the plot is taken for hostile."""
    top = _top(plot)
    drawn = [_grid(plot), *_levels(plot, top), *_lines(plot, top)]
    label = html.escape(f"{plot.title}: {plot_words(plot)}")
    up = _axis("up", [amount(top, plot.unit), amount(top / 2, plot.unit), "0"])
    return (
        f'<figure>\n<figcaption>{html.escape(plot.title)}</figcaption>\n<div class="canvas">{up}'
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" role="img" aria-label="{label}">'
        f"{''.join(drawn)}</svg>{_axis('along', _times(plot))}</div>\n{_legend(plot)}</figure>\n"
    )


def _top(plot: Plot) -> float:
    """A round number that nothing is above; of bytes, one that is round in their binary units."""
    highest = plot.highest
    if highest <= 0 or not math.isfinite(highest):
        return 1.0
    if plot.unit == "pods":
        return float(max(2, math.ceil(highest / 2) * 2))
    unit = 1024.0 ** int(math.log(highest, 1024)) if plot.unit == "bytes" and highest >= 1 else 1.0
    scaled = highest / unit
    power = 10.0 ** math.floor(math.log10(scaled))
    return next(step * power for step in _STEPS if step * power >= scaled * 0.9999) * unit


def _lines(plot: Plot, top: float) -> Iterator[str]:
    """A single line is drawn as the finer of two."""
    for number, line in enumerate(plot.lines):
        path = _path(line, plot.steps, top)
        if path:
            yield f'<path class="{_line_class(plot, number)}" d="{path}"/>'


def _line_class(plot: Plot, number: int) -> str:
    place = number if len(plot.lines) > 1 else 1
    return f"line-{min(place, _LINES - 1)}"


def _levels(plot: Plot, top: float) -> Iterator[str]:
    for number, level in enumerate(plot.levels):
        if math.isfinite(level.value):
            yield f'<path class="{_level_class(number)}" d="M0 {_up(level.value, top)}H{_WIDTH}"/>'


def _level_class(number: int) -> str:
    return f"level-{min(number, _LEVELS - 1)}"


def _path(line: Line, steps: int, top: float) -> str:
    """A gap in the values is one in the line; a value alone is a dot."""
    parts: list[str] = []
    is_open = False
    for number, value in enumerate(line.values):
        if value is None or not math.isfinite(value):
            is_open = False
            continue
        up = _up(value, top)
        if line.is_stepped:
            start, end = _along(number, steps), _along(number + 1, steps)
            parts.append(f"V{up}H{end}" if is_open else f"M{start} {up}H{end}")
        else:
            here = _along(number + 0.5, steps)
            parts.append(f"L{here} {up}" if is_open else f"M{here} {up}h0")
        is_open = True
    return "".join(parts)


def _along(step: float, steps: int) -> str:
    return f"{step / steps * _WIDTH:.1f}".removesuffix(".0")


def _up(value: float, top: float) -> str:
    return f"{_HEIGHT * (1 - min(max(value, 0.0), top) / top):.1f}".removesuffix(".0")


def _grid(plot: Plot) -> str:
    """Half the height, and midnights where there are few."""
    days = plot.steps * plot.step_seconds / _DAY
    lines = [f"M0 {_HEIGHT / 2:g}H{_WIDTH}"]
    if plot.begins is not None and days <= _MOST_DAYS:
        at = plot.begins
        rest = _DAY - (at - at.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
        midnights = (rest + number * _DAY for number in range(math.ceil(days)))
        lines += [
            f"M{_along(seconds / plot.step_seconds, plot.steps)} 0V{_HEIGHT}"
            for seconds in midnights
            if seconds < days * _DAY
        ]
    return f'<path class="grid" d="{"".join(lines)}"/>'


def _times(plot: Plot) -> Sequence[str]:
    """The first, the middle and the last moment; without a date, how long after the first."""
    whole = plot.steps * plot.step_seconds
    moments = (0.0, whole / 2, whole)
    if plot.begins is None:
        return ["0", *(format_duration(seconds) for seconds in moments[1:])]
    return [_moment(plot.begins + timedelta(seconds=seconds)) for seconds in moments]


def _moment(at: datetime) -> str:
    is_midnight = at.hour == at.minute == 0
    return at.strftime("%d %b" if is_midnight else "%d %b %H:%M")


def _axis(way: str, texts: Sequence[str]) -> str:
    return f'<div class="axis {way}">{"".join(f"<span>{html.escape(text)}</span>" for text in texts)}</div>'


def _legend(plot: Plot) -> str:
    keys = [(_line_class(plot, number), line.name) for number, line in enumerate(plot.lines)]
    keys += [
        (_level_class(number), f"{level.name} {amount(level.value, plot.unit)}")
        for number, level in enumerate(plot.levels)
    ]
    middle = _KEY_HEIGHT // 2
    shown = (
        f'<li><svg viewBox="0 0 {_KEY_WIDTH} {_KEY_HEIGHT}" aria-hidden="true"><path class="{kind}" '
        f'd="M3 {middle}H{_KEY_WIDTH - 3}"/></svg>{html.escape(name)}</li>'
        for kind, name in keys
    )
    return f'<ul class="legend">{"".join(shown)}</ul>'
