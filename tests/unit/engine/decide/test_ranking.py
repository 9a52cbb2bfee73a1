"""worth = gain x chance / cost."""

import pytest

from advisor.engine.decide.ranking import rank
from advisor.engine.decide.track_record import calibrate
from advisor.model.knob import knob_target
from advisor.model.proposal import Risk
from advisor.model.track_record import TrackRecord
from advisor.settings.policy import KnobPolicy, PolicySettings
from advisor.testing.words import a_proposal
from tests.fakes.past import kept, rolled_back

POOL = a_proposal(gain_seconds_per_second=1.0)
INDEX = a_proposal(target=knob_target("postgres.index", database="main"), gain_seconds_per_second=1.0)
NOTHING = TrackRecord()


def test_of_equal_gains_the_less_risky_comes_first() -> None:
    bold = a_proposal(target=knob_target("cache.l2.ttl", app="shop"), risk=Risk.HIGH, gain_seconds_per_second=1.0)
    first, second = rank([bold, POOL], PolicySettings(), NOTHING)
    assert (first.proposal, first.worth) == (POOL, pytest.approx(0.9))  # 1 x 0.9 / 1
    assert (second.proposal, second.worth) == (bold, pytest.approx(0.3))  # 1 x 0.3 / 1


def test_a_larger_gain_outweighs_risk() -> None:
    bold = a_proposal(risk=Risk.HIGH, gain_seconds_per_second=4.0)
    assert [one.proposal for one in rank([INDEX, bold], PolicySettings(), NOTHING)] == [bold, INDEX]  # 1.2 and 0.3


def test_what_is_dear_to_undo_must_gain_more() -> None:
    only = rank([INDEX], PolicySettings(), NOTHING)[0]
    assert only.worth == pytest.approx(0.3)  # 1 x 0.9 / 3
    cheap = PolicySettings(knobs={"postgres.index": KnobPolicy(cost_ratio=1.0)})
    assert rank([INDEX], cheap, NOTHING)[0].worth == pytest.approx(0.9)


def test_a_knobs_own_record_moves_its_chance() -> None:
    good, bad = calibrate([kept()] * 6), calibrate([rolled_back()] * 6)
    assert rank([POOL], PolicySettings(), good)[0].chance == pytest.approx((4 * 0.9 + 6) / 10)
    assert rank([POOL], PolicySettings(), bad)[0].chance == pytest.approx(4 * 0.9 / 10)


def test_equals_are_ordered_the_same_in_every_cycle() -> None:
    twins = [a_proposal(target=knob_target("db.pool_size", app=app)) for app in ("a", "b", "c")]
    expected = [one.proposal for one in rank(twins, PolicySettings(), NOTHING)]
    assert [one.proposal for one in rank(twins[::-1], PolicySettings(), NOTHING)] == expected
