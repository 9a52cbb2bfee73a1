"""Numbers and settings as people read them."""

import pytest

from advisor.model.finding import KnobValue
from advisor.surfaces.documents.quantity import quantity, setting

INDEX = {"index": "adv_messages_id", "table": "messages"}


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(0.25, "s", "250ms"), (0.31, "ratio", "31%"), (30, "connections", "30 connections"), (5.0, "1/s", "5/s")],
)
def test_a_number_carries_its_unit(value: float, unit: str, text: str) -> None:
    assert quantity(value, unit) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "none"), ("CREATE INDEX CONCURRENTLY ...", "adv_messages_id")],
)
def test_an_index_goes_by_its_name_and_a_missing_one_is_not_unknown(value: KnobValue, text: str) -> None:
    assert setting(value, "index", INDEX) == text
    assert setting(4, "connections", {"app": "shop"}) == "4 connections"
