"""The knobs of a cluster are there where the settings switch them on, and nowhere else."""

from pathlib import Path

import pytest
import yaml

from advisor.clock import SystemClock
from advisor.model.errors import KnobError
from advisor.model.knob import Order, knob_target
from advisor.settings.schema import Settings
from advisor.testing.journal import InMemoryJournal
from advisor.wiring.knobs import open_knobs
from tests.fakes.gitops import Repositories, git

ORDER = Order(
    change_id="chg_a",
    target=knob_target("k8s.hpa", cluster="kubernetes", namespace="shop", name="web", part="replicas"),
    old=1,
    new=2,
    epoch=1,
)


@pytest.fixture
def kubeconfig(tmp_path: Path) -> str:
    """Of a server that nobody runs."""
    path = tmp_path / "kubeconfig"
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "clusters": [{"name": "here", "cluster": {"server": "http://127.0.0.1:1"}}],
        "users": [{"name": "here", "user": {"token": "t"}}],
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "here"}}],
    }
    path.write_text(yaml.safe_dump(config))
    return str(path)


@pytest.mark.parametrize(("enabled", "says"), [(True, "no part of an autoscaler"), (False, "is connected")])
def test_writing_is_switched_on_by_a_setting_of_its_own(kubeconfig: str, enabled: bool, says: str) -> None:
    """The order means nothing, which the knob says before it asks any server."""
    settings = Settings.model_validate({"kubernetes": {"kubeconfig": kubeconfig, "writing": {"enabled": enabled}}})
    with open_knobs(settings, None, SystemClock(), InMemoryJournal()) as knobs, pytest.raises(KnobError, match=says):
        knobs.apply(ORDER)


def test_where_a_repository_is_named_the_knobs_commit_there(kubeconfig: str, tmp_path: Path) -> None:
    repositories = Repositories(tmp_path / "git")
    told = {"repository": str(repositories.ours), "branch": "main"}
    settings = Settings.model_validate({"kubernetes": {"kubeconfig": kubeconfig, "gitops": told}})
    assert (settings.kubernetes.commits, settings.kubernetes.writes) == (True, False)
    says = "no part of an autoscaler"
    with open_knobs(settings, None, SystemClock(), InMemoryJournal()) as knobs, pytest.raises(KnobError, match=says):
        knobs.apply(ORDER)
    assert "tuning-advisor/change" in git(repositories.ours, "for-each-ref")


def test_the_acting_account_is_that_of_the_reader_where_none_is_named(kubeconfig: str) -> None:
    both = {"kubeconfig": kubeconfig, "writing": {"enabled": True, "kubeconfig": "/of/the/actor"}}
    settings = Settings.model_validate({"kubernetes": both}).kubernetes
    assert (settings.kubeconfig, settings.acting.kubeconfig) == (kubeconfig, "/of/the/actor")
    alone = Settings.model_validate({"kubernetes": {"kubeconfig": kubeconfig, "writing": {"enabled": True}}}).kubernetes
    assert alone.acting.kubeconfig == kubeconfig
