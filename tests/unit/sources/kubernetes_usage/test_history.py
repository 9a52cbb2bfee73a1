"""Days of usage in the notebook."""

from datetime import UTC, date, datetime

from advisor.model.kubernetes.usage import ContainerKey, UsageDay
from advisor.sources.kubernetes_usage.history import DayHistory
from advisor.sources.kubernetes_usage.tallies.day_tally import DigestedDay
from advisor.sources.kubernetes_usage.tallies.sketches import Sketch
from advisor.testing.notebook import InMemoryNotebook

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


def a_digest(day: date, cores: float) -> DigestedDay:
    cpu, memory = Sketch(), Sketch()
    cpu.add(cores, 288)
    memory.add(4e8, 288)
    told = UsageDay(
        day=day,
        cpu_peak=cpu.peak,
        memory_peak=memory.peak,
        cpu_hours=(cores,) * 24,
        oom_kills=1,
        oom_at=datetime(2026, 3, 2, 5, tzinfo=UTC),
    )
    return DigestedDay(day=told, cpu=cpu, memory=memory)


def many(day: date) -> dict[ContainerKey, DigestedDay]:
    return {
        ContainerKey(namespace="shop", kind="Deployment", workload=f"web-{number}", container="app"): a_digest(day, 0.5)
        for number in range(20)
    }


def test_a_day_that_was_kept_is_the_same_day() -> None:
    history = DayHistory(InMemoryNotebook(), "default")
    history.write(MONDAY, many(MONDAY))
    assert history.read(MONDAY) == {MONDAY: many(MONDAY)}


def test_old_days_are_forgotten_and_other_environments_kept_apart() -> None:
    notebook = InMemoryNotebook()
    ours, theirs = DayHistory(notebook, "ours"), DayHistory(notebook, "theirs")
    ours.write(MONDAY, many(MONDAY))
    ours.write(TUESDAY, many(TUESDAY))
    theirs.write(MONDAY, many(MONDAY))
    assert set(ours.read(TUESDAY)) == {TUESDAY}
    assert set(ours.read(MONDAY)) == {TUESDAY}
    assert set(theirs.read(MONDAY)) == {MONDAY}


def test_a_day_that_was_cut_off_by_a_crash_is_read_again() -> None:
    notebook = InMemoryNotebook()
    history = DayHistory(notebook, "default")
    history.write(MONDAY, many(MONDAY))
    notebook.drop("kubernetes-usage", f"default:{MONDAY}")
    assert history.read(MONDAY) == {}


def test_a_note_of_another_hand_hides_no_other() -> None:
    notebook = InMemoryNotebook()
    history = DayHistory(notebook, "default")
    history.write(MONDAY, many(MONDAY))
    notebook.write("kubernetes-usage", f"default:{MONDAY}/00000", "scribble")
    assert len(history.read(MONDAY)[MONDAY]) == 12


def test_a_note_is_a_few_kilobytes() -> None:
    notebook = InMemoryNotebook()
    DayHistory(notebook, "default").write(MONDAY, many(MONDAY))
    assert max(len(text) for _, text in notebook.entries("kubernetes-usage")) < 8_000
