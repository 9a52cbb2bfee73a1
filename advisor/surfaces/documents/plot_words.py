"""What a plot shows, in words and in bars: for who reads it as text, or hears it."""

from advisor.model.kubernetes.quantity import show_bytes
from advisor.model.plot import Line, Plot
from advisor.surfaces.documents.document import Fact
from advisor.surfaces.documents.quantity import quantity
from advisor.surfaces.documents.sparkline import sparkline


def amount(value: float, unit: str) -> str:
    """Bytes as Kubernetes writes them: "1.5Gi"."""
    return show_bytes(round(value)) if unit == "bytes" else quantity(float(f"{value:.3g}"), unit)


def plot_words(plot: Plot) -> str:
    """Each line by its highest value, each level as it is: "mean of the hour up to 0.2 cores; limit 1 cores"."""
    parts = [f"{line.name} {_reach(line, plot.unit)}" for line in plot.lines]
    parts += [f"{level.name} {amount(level.value, plot.unit)}" for level in plot.levels]
    return "; ".join(parts)


def _reach(line: Line, unit: str) -> str:
    seen = [value for value in line.values if value is not None]
    return f"up to {amount(max(seen), unit)}" if seen else "not seen"


def plot_fact(plot: Plot) -> Fact:
    """As a line: bars of the last line of the plot, which is the finest or the newest, and what all of them reach."""
    newest = plot.lines[-1].values if plot.lines else ()
    bars = sparkline([value for value in newest if value is not None])
    return Fact(label=plot.title, text=f"{bars} {plot_words(plot)}".strip())
