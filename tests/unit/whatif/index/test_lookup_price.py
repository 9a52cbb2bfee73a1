"""What repeated look-ups read and cost, against what was measured (the numbers are in the module's head)."""

import pytest

from advisor.whatif.index.catalogue import Memory
from advisor.whatif.index.lookup_price import Lookup, pages_fetched, price

TABLE_PAGES, BUFFER_PAGES = 33_744, 16_384
MICROSECONDS_A_UNIT = 3.5


@pytest.mark.parametrize(("lookups", "measured"), [(3_000, 51_832), (12_000, 193_043), (60_000, 945_071)])
def test_the_formula_gives_the_pages_that_were_read(lookups: int, measured: int) -> None:
    # 30 rows each, every one on another page; the index's own pages are in what was measured.
    assert pages_fetched(lookups * 30.0, TABLE_PAGES, BUFFER_PAGES) == pytest.approx(measured, rel=0.02)


def test_what_fits_into_memory_is_read_once() -> None:
    assert pages_fetched(1e9, 1000, 2000) == 1000
    assert pages_fetched(1, 1000, 2000) == pytest.approx(1, rel=0.001)


def scattered(times: float, **changes: float) -> Lookup:
    given = {"rows": 30.0, "heap_visits": 30.0, "leaf_visits": 1.1, "table_pages": TABLE_PAGES, "index_pages": 2_000.0}
    return Lookup(times=times, **{**given, **changes})


@pytest.mark.parametrize("times", [3_000, 12_000, 60_000])
def test_scattered_rows_cost_what_they_took(times: int) -> None:
    # 30 rows at 2.4 microseconds.
    took = price(scattered(times), Memory()) * MICROSECONDS_A_UNIT
    assert took == pytest.approx(30 * 2.4, rel=0.35)


def test_one_row_of_a_small_table_costs_what_it_took() -> None:
    hot = Lookup(times=450_000, rows=1, heap_visits=1, leaf_visits=1, table_pages=134, index_pages=9, levels=1)
    assert price(hot, Memory()) * MICROSECONDS_A_UNIT == pytest.approx(0.73, rel=0.35)


def test_rows_side_by_side_cost_what_they_took() -> None:
    # 4 rows on 1.07 pages.
    together = Lookup(times=44_693, rows=4, heap_visits=1.07, leaf_visits=1, table_pages=33_744, index_pages=4_900)
    assert 4.5 * 0.65 < price(together, Memory()) * MICROSECONDS_A_UNIT < 6.3 * 1.35


def test_larger_buffers_make_look_ups_cheaper_and_a_table_beyond_memory_dearer() -> None:
    usual = price(scattered(12_000), Memory())
    assert price(scattered(12_000), Memory(buffer_pages=100_000)) < 0.7 * usual
    assert price(scattered(12_000), Memory(cache_pages=10_000)) > 2 * usual


def test_an_index_that_holds_all_costs_a_fraction() -> None:
    assert price(scattered(12_000, heap_visits=0.0), Memory()) < 0.1 * price(scattered(12_000), Memory())
