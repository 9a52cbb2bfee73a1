"""The picture in a thread: a signal over time as a PNG, by matplotlib without a display."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from advisor.model.signal import Sample
from advisor.settings.extras import has_module

_WIDTH, _HEIGHT, _DOTS = 7.2, 2.8, 110
_LONGEST_TITLE = 90
_FEWEST = 2
"""Points of which a line can be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """before, after: the samples around the change. band: what was predicted, lowest and highest; None for none."""

    title: str
    unit: str
    before: Sequence[Sample]
    after: Sequence[Sample] = ()
    band: tuple[float, float] | None = None
    changed_at: datetime | None = None


def is_drawable() -> bool:
    """Whether matplotlib is there, which comes with the extra `charts`."""
    return has_module("matplotlib")


def png(chart: Chart) -> bytes | None:
    """None where there is too little to draw."""
    if len(chart.before) + len(chart.after) < _FEWEST:
        return None
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH, _HEIGHT), dpi=_DOTS, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for samples, colour, label in ((chart.before, "#5b6b7b", "before"), (chart.after, "#1264a3", "after")):
        if samples:
            axes.plot(date2num([one.at for one in samples]), [one.value for one in samples], color=colour, label=label)
    if chart.band is not None:
        axes.axhspan(*chart.band, color="#2eb67d", alpha=0.2, label="predicted")
    if chart.changed_at is not None:
        axes.axvline(date2num(chart.changed_at), color="#e01e5a", linewidth=1, linestyle="--")
    locator = AutoDateLocator()
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    axes.set_title(_ascii(chart.title), fontsize=9, loc="left", parse_math=False)
    axes.set_ylabel(_ascii(chart.unit), fontsize=8, parse_math=False)
    axes.tick_params(labelsize=8)
    axes.legend(fontsize=8, frameon=False)
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png")
    return drawn.getvalue()


def _ascii(text: str) -> str:
    """The font has not every letter, and a name is nothing to break a picture for."""
    return text[:_LONGEST_TITLE].encode("ascii", "backslashreplace").decode()
