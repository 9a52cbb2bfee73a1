"""Student's t against its tables."""

import pytest

from advisor.stats.student import student_quantile


@pytest.mark.parametrize(
    ("probability", "freedom", "tabled"),
    [(0.975, 1, 12.706), (0.975, 2, 4.303), (0.975, 3, 3.182), (0.99, 5, 3.365), (0.975, 10, 2.228), (0.99, 20, 2.528)],
)
def test_students_quantile_agrees_with_the_table(probability: float, freedom: float, tabled: float) -> None:
    assert student_quantile(probability, freedom) == pytest.approx(tabled, rel=0.001)


def test_broken_degrees_of_freedom_never_make_an_interval_narrower_than_the_next_whole_number_below() -> None:
    assert student_quantile(0.99, 2.9) >= student_quantile(0.99, 3.0)
    assert student_quantile(0.99, 1.9) >= student_quantile(0.99, 2.0)


def test_a_probability_outside_its_range_is_refused() -> None:
    with pytest.raises(ValueError, match="probability"):
        student_quantile(1.0, 5)
