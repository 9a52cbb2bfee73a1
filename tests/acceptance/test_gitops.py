"""The walk through git: committed, published, on trial once the cluster shows it, and kept or taken back."""

from dataclasses import replace
from pathlib import Path

import pytest

from advisor.knobs.gitops.knob import GitOpsKnob
from advisor.model.change import ChangeRecord, State
from advisor.testing.words import WAIT
from tests.fakes.gitops import MANIFEST, NEW, OLD, PUSH_BRANCH, TARGET, GitOpsBench
from tests.fakes.harness import RolloutHarness, noisy


class Shop:
    """A reviewed repository, a cluster that follows it, and callers who wait by the CPU that it shows."""

    def __init__(self, folder: Path, *, gain: bool) -> None:
        self.bench = GitOpsBench(folder, publish=PUSH_BRANCH)
        self.harness = RolloutHarness()
        knob = GitOpsKnob(
            self.bench.repositories.settings(publish=PUSH_BRANCH), self.bench.cluster, self.harness.journal.find
        )
        self.harness.rollout = replace(self.harness.rollout, knob=knob)
        self.harness.with_settings(rollout_seconds=7200.0)
        better = 0.02 if gain else 0.1
        self.harness.samples.functions[WAIT] = lambda at: noisy(at, self._wait(better))

    def _wait(self, better: float) -> float:
        return better if self.bench.cluster.shown == "250m" else 0.1

    def committed(self) -> ChangeRecord:
        """A change that waits for its review."""
        record = self.harness.brought_to(State.APPLYING, target=TARGET, current=OLD, proposed=NEW)
        for _ in range(20):
            record = self.harness.cycle()
        assert record.state is State.APPLYING, "nobody has merged it yet"
        return record

    def merged(self, record: ChangeRecord) -> ChangeRecord:
        self.bench.repositories.they_merge(f"tuning-advisor/{record.id}")
        self.bench.show()
        return self.harness.cycle()


def test_a_commit_that_helps_is_on_trial_from_its_merge_on_and_stays(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "git", gain=True)
    record = shop.merged(shop.committed())
    assert record.state is State.TRIAL
    assert shop.harness.until_closed().state is State.KEPT
    assert shop.bench.repositories.at_origin() == MANIFEST.replace("100m", "250m").strip()


def test_one_that_does_not_help_is_reverted_and_closed_once_the_cluster_shows_that(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "git", gain=False)
    record = shop.merged(shop.committed())
    for _ in range(500):
        if record.state is not State.TRIAL:
            break
        record = shop.harness.cycle()
    assert record.state is State.ROLLING_BACK, record.phases
    assert shop.harness.cycle().state is State.ROLLING_BACK, "the cluster still shows the new value"
    assert shop.merged(record).state is State.ROLLED_BACK
    assert shop.bench.repositories.at_origin() == MANIFEST.strip()


def test_what_nobody_merges_in_time_is_taken_back_and_nothing_was_ever_live(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "git", gain=True)
    shop.committed()
    shop.harness.clock.advance(7200)
    assert shop.harness.cycle().state is State.ROLLED_BACK
    assert shop.bench.cluster.shown == "100m"
    assert "cpu: 100m" in shop.bench.repositories.at_origin()


@pytest.mark.parametrize("shown", ["100m", "400m"])
def test_who_moves_the_live_value_in_the_trial_ends_it(tmp_path: Path, shown: str) -> None:
    shop = Shop(tmp_path / "git", gain=True)
    record = shop.merged(shop.committed())
    assert record.state is State.TRIAL
    shop.harness.cycle()
    shop.bench.cluster.shown = shown
    assert shop.harness.cycle().state is State.SUPERSEDED
