"""What the search makes small."""

import math

import pytest

from advisor.whatif.index.search.costs import Objective, WorkloadQuery
from tests.unit.whatif.index.tables import T

QUERY = WorkloadQuery(id="1", text="", tables=frozenset({T}))
OBJECTIVE = Objective(base={"1": 9_600.0}, by_time=False)  # 10,000 with the 400 of a call


@pytest.mark.parametrize(
    ("cost", "term"),
    [
        (4_600.0, math.log(0.5)),
        (9_600.0, 0.0),
        # Up to a thousandth is noise. Then a tenth of the penalty for every hundredth, whole from a tenth on, and
        # twice what is lost.
        (9_610.0, math.log(1.001)),
        (9_710.0, 0.1 + 2 * math.log(1.011)),
        (10_610.0, 1.0 + 2 * math.log(1.101)),
        (19_600.0, 1.0 + 2 * math.log(2)),
    ],
)
def test_what_gets_dearer_counts_the_more_the_plainer_it_is(cost: float, term: float) -> None:
    assert OBJECTIVE.term(QUERY, cost) == pytest.approx(term)
