"""The way of a new user in a strange application that has three troubles at a time."""

import pytest

from tests.field.reason import misfit
from tests.field.trial import Trial, run_trial, told
from tests.field.troubles import TROUBLES, Trouble
from tests.field.world import Servers

TROUBLED_SECONDS = 900.0

pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def troubled(shared: Servers) -> Trial:
    return run_trial(shared, tuple(TROUBLES.values()), apply_seconds=TROUBLED_SECONDS)


@pytest.fixture(params=list(TROUBLES.values()), ids=list(TROUBLES))
def trouble(request: pytest.FixtureRequest) -> Trouble:
    found: Trouble = request.param
    return found


def test_a_trouble_is_found_and_its_change_settled_with_a_reason_that_fits_its_numbers(
    troubled: Trial, trouble: Trouble
) -> None:
    assert trouble.rule in troubled.found
    record = troubled.change_of(trouble.rule)
    assert record is not None, "\n".join(told(one) for one in troubled.changes)
    assert record.proposal.target.knob in trouble.knobs
    assert not record.is_open, told(record)
    assert not misfit(record), told(record)


def test_the_first_proposal_is_for_one_of_the_troubles(troubled: Trial) -> None:
    assert troubled.proposed
    rule, target = troubled.proposed[0]
    (trouble,) = [trouble for trouble in TROUBLES.values() if trouble.rule == rule]
    assert target.partition("[")[0] in trouble.knobs


def test_the_check_of_a_site_set_up_by_the_quick_start_names_nothing_that_failed(troubled: Trial) -> None:
    assert not [check for check in troubled.checks if ": failed" in check]
