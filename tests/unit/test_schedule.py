"""The timetable: what runs once a day runs by the clock on the wall."""

from datetime import datetime, timedelta

from advisor.schedule import Schedule
from advisor.settings.fields.time_of_day import TimeOfDay
from advisor.surfaces.metrics import AdvisorMetrics


def test_a_daily_job_keeps_to_the_zones_own_clock_over_the_change_of_summer_time() -> None:
    schedule = Schedule(AdvisorMetrics())
    nine, winter, summer = TimeOfDay(hour=9, minute=0, zone="Europe/Berlin"), "2026-03-28", "2026-03-29"
    for day, hour in ((winter, 8), (summer, 7)):
        midnight = datetime.fromisoformat(f"{day}T00:00+00:00")
        first = schedule.daily(nine, lambda: None, name=f"digest of {day}", now=midnight)
        assert first == midnight + timedelta(hours=hour)
