"""What `check` says about signals, told from what was found."""

from advisor.model.check import CheckStatus
from advisor.settings.schema import Settings
from advisor.sources.prometheus.coverage import Coverage
from advisor.wiring.check_signals import signal_lines
from advisor.wiring.rules.book import rules_of

RULES = rules_of(Settings())


def test_an_application_with_a_pool_and_no_errors_is_told_what_its_rules_lack() -> None:
    found = Coverage(by_app={"shop": {"go_sql": ("pool.checked_out", "pool.size")}}, addable={})
    shown, lacks = signal_lines(found, RULES, ("go_sql",))
    assert (shown.name, shown.detail) == ("signals:shop", "pool.checked_out, pool.size from go_sql")
    assert "pool-exhaustion judges without pool.max_overflow, pool.instances" in lacks.detail
    assert "low-cache-hit-rate is skipped, as it lacks cache.hit_ratio" in lacks.detail
    assert "no trial keeps a change, as http.error_ratio and http.p95_seconds would have to be watched" in lacks.detail


def test_nothing_at_all_is_a_warning_with_the_preset_that_helps() -> None:
    [line] = signal_lines(Coverage(by_app={}, addable={"django": ("http.p95_seconds",)}), RULES, ("agents", "guide"))
    assert line.status is CheckStatus.WARNING
    assert line.detail == "no application has data for the presets agents, guide"
    assert line.fix == "add to prometheus.presets: django"


def test_many_applications_are_counted_and_the_first_shown() -> None:
    many = {f"app{n:02}": {"guide": ("http.error_ratio",)} for n in range(30)}
    lines = list(signal_lines(Coverage(by_app=many, addable={}), RULES, ("guide",)))
    assert len(lines) == 2 * 10 + 1
    assert lines[-1].detail == "30 applications have data; 10 are shown"
