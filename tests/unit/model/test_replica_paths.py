"""Replica paths: thinned out without losing a peak."""

from advisor.model.plot import MOST_POINTS, replica_paths


def test_a_short_path_is_drawn_as_it_is() -> None:
    plot = replica_paths("web", [("today", [2, 3, 3]), ("proposed", [2, 5])], 15, bounds=[("maximum", 5)])
    assert [(line.name, line.values) for line in plot.lines] == [
        ("today", (2.0, 3.0, 3.0)),
        ("proposed", (2.0, 5.0, None)),
    ]
    assert (plot.unit, plot.step_seconds, plot.steps, plot.highest) == ("pods", 15, 3, 5.0)


def test_a_day_of_sync_periods_keeps_its_shortest_peak() -> None:
    """86,400 / 15 = 5,760 numbers; by 18 (the least whole that 336 points take) they are 320, of 270 s each."""
    path = [2] * 5_760
    path[1_234] = 9
    plot = replica_paths("web", [("today", path)], 15)
    (line,) = plot.lines
    assert (plot.steps, plot.step_seconds) == (320, 270)
    assert plot.steps <= MOST_POINTS
    assert [number for number, value in enumerate(line.values) if value == 9] == [1_234 // 18]


def test_nothing_to_draw_is_no_fault() -> None:
    plot = replica_paths("web", [], 15)
    assert (plot.steps, plot.highest) == (0, 0.0)
