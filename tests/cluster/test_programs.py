"""Where the servers of a cluster are looked for."""

from pathlib import Path

import pytest

from advisor.servers.cluster.programs import BUILT, Programs, built
from advisor.servers.errors import ServerUnavailableError


def test_those_that_are_given_come_before_those_that_were_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("etcd", *BUILT):
        (tmp_path / name).touch()
    (tmp_path / "stages").mkdir()
    (tmp_path / "stages" / "pod-ready.yaml").touch()
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    found = Programs.found()
    assert [found.etcd, found.api_server, found.controller_manager, found.kwok] == [
        tmp_path / name for name in ("etcd", *BUILT)
    ]
    assert found.stages == (tmp_path / "stages" / "pod-ready.yaml",)


def test_one_that_is_nowhere_is_named_with_how_to_get_it() -> None:
    with pytest.raises(ServerUnavailableError) as caught:
        built("kube-nothing")
    assert str(caught.value) == (
        "there is no kube-nothing in KUBEBUILDER_ASSETS or .cache/cluster "
        "(`make cluster-assets` builds it, once Go is installed)"
    )
