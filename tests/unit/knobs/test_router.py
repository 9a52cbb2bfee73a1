"""One knob in front of all: each order reaches the knob of its name, and an unknown name reaches none."""

from dataclasses import replace

import pytest

from advisor.knobs.router import KnobRouter
from advisor.model.errors import KnobError
from advisor.model.knob import KnobState, Order, knob_target
from advisor.testing.knob import FakeKnob

ORDER = Order(change_id="chg_a", target=knob_target("db.pool_size", app="shop"), old=5, new=12, epoch=1)


def test_every_call_reaches_the_knob_of_that_name_alone() -> None:
    pool, ttl = FakeKnob(5), FakeKnob(5)
    router = KnobRouter({"db.pool_size": pool, "cache.l1.ttl": ttl})
    assert router.inspect(ORDER).kind is KnobState.OLD
    router.apply(ORDER)
    router.renew(ORDER)
    router.restore(ORDER)
    assert [call for call, _ in pool.calls] == ["inspect", "apply", "renew", "restore"]
    assert ttl.calls == []


def test_a_knob_that_is_not_connected_is_refused_and_the_connected_ones_are_named() -> None:
    router = KnobRouter({"cache.l1.ttl": FakeKnob(5), "postgres.index": FakeKnob(None)})
    for call in (router.inspect, router.apply, router.renew, router.restore):
        with pytest.raises(KnobError, match=r"no knob 'db\.pool_size' .*connected: cache\.l1\.ttl, postgres\.index"):
            call(ORDER)
    with pytest.raises(KnobError, match="connected: none"):
        KnobRouter({}).apply(replace(ORDER))
