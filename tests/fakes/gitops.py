"""Real git repositories of manifests: a bare one that everybody pushes to, the advisor's clone, and the cluster."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from advisor.knobs.gitops.fields import FieldChange, ObjectChange
from advisor.knobs.gitops.knob import GitOpsKnob
from advisor.manifests.content import Content, at_path, content_of
from advisor.manifests.files import yaml_file
from advisor.manifests.path import path_of
from advisor.model.finding import KnobValue
from advisor.model.knob import KnobState, KnobStatus, Order, knob_target
from advisor.settings.kubernetes.gitops import GitOpsSettings

OLD, NEW, FOREIGN = "web cpu request 100m", "web cpu request 250m", "web cpu request 400m"
TARGET = knob_target("k8s.resources", cluster="default", namespace="shop", kind="Deployment", name="web")
CPU = path_of("spec.template.spec.containers[name=web].resources.requests.cpu")
MANIFEST = """\
# The shop's front end.
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    spec:
      containers:
        - name: web
          resources:
            requests:
              cpu: 100m   # measured in March
              memory: 128Mi
"""
PUSH_TO_MAIN = ("git", "push", "--quiet", "origin", "HEAD:main")
PUSH_BRANCH = ("git", "push", "--quiet", "origin", "HEAD")


def git(folder: Path, *arguments: str, given: str = "") -> str:
    """As a person of that machine would."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment = {**kept, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    person = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    ended = subprocess.run(
        ["git", *person, *arguments],
        cwd=folder,
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, (arguments, ended.stderr)
    return ended.stdout.strip()


def cpu_in(file: Path) -> str:
    found: Content | None = at_path(content_of(yaml_file(file).documents[0]), CPU)
    return found[1] if isinstance(found, tuple) else ""


class Repositories:
    """origin: bare. ours: the advisor's clone, whose checkout is a person's. theirs: another person's clone."""

    def __init__(self, folder: Path, **manifests: str) -> None:
        self.origin, self.ours, self.theirs = folder / "origin.git", folder / "ours", folder / "theirs"
        files = {name.replace("__", "."): text for name, text in manifests.items()} or {"web.yaml": MANIFEST}
        folder.mkdir(parents=True, exist_ok=True)
        git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(self.origin))
        git(folder, "clone", "--quiet", str(self.origin), str(self.theirs))
        git(self.theirs, "checkout", "--quiet", "-B", "main")
        for name, text in files.items():
            (self.theirs / name).parent.mkdir(parents=True, exist_ok=True)
            (self.theirs / name).write_text(text)
        git(self.theirs, "add", "--all")
        git(self.theirs, "commit", "--quiet", "-m", "Deploy the shop")
        git(self.theirs, "push", "--quiet", "-u", "origin", "main")
        git(folder, "clone", "--quiet", str(self.origin), str(self.ours))

    def at_origin(self, name: str = "web.yaml", branch: str = "main") -> str:
        return git(self.origin, "show", f"{branch}:{name}")

    def log(self, branch: str = "main") -> list[str]:
        return git(self.origin, "log", "--format=%s", branch).splitlines()

    def they_commit(self, text: str, name: str = "web.yaml") -> None:
        """To the branch that the cluster follows."""
        git(self.theirs, "pull", "--quiet", "--rebase", "origin", "main")
        (self.theirs / name).write_text(text)
        git(self.theirs, "add", "--all")
        git(self.theirs, "commit", "--quiet", "-m", "Work of others")
        git(self.theirs, "push", "--quiet", "origin", "HEAD:main")

    def they_merge(self, branch: str, *, squash: bool = False) -> None:
        """A pull request, as a forge does it."""
        git(self.theirs, "fetch", "--quiet", "origin")
        git(self.theirs, "reset", "--quiet", "--hard", "origin/main")
        if squash:
            text = git(self.theirs, "log", "-1", "--format=%B", f"origin/{branch}")
            git(self.theirs, "merge", "--quiet", "--squash", f"origin/{branch}")
            git(self.theirs, "commit", "--quiet", "-F", "-", given=f"{text}\n\nCo-authored-by: Bo <bo@example.org>\n")
        else:
            git(self.theirs, "merge", "--quiet", "--no-ff", "-m", f"Merge {branch}", f"origin/{branch}")
        git(self.theirs, "push", "--quiet", "origin", "HEAD:main")

    def cloned_anew(self) -> None:
        """As in a pod that starts with an empty volume."""
        shutil.rmtree(self.ours)
        git(self.origin.parent, "clone", "--quiet", str(self.origin), str(self.ours))

    def settings(self, **changes: Any) -> GitOpsSettings:
        told = {"repository": str(self.ours), "branch": "main", "publish": PUSH_TO_MAIN, **changes}
        return GitOpsSettings.model_validate(told)


class FollowingCluster:
    """Shows what its branch at the origin says, whenever `follow` is called, or what somebody wrote to it."""

    def __init__(self, repositories: Repositories) -> None:
        self._repositories = repositories
        self.shown = "100m"

    def follow(self) -> None:
        copy = self._repositories.origin.parent / "followed.yaml"
        copy.write_text(self._repositories.at_origin())
        self.shown = cpu_in(copy)

    def changes(self, order: Order) -> Sequence[ObjectChange]:
        old, new = (str(value).rpartition(" ")[2] for value in (order.old, order.new))
        get = order.target.get
        fields = (FieldChange(path=CPU, old=old, new=new),)
        return [ObjectChange(kind=get("kind"), namespace=get("namespace"), name=get("name"), fields=fields)]

    def status(self, order: Order) -> KnobStatus:
        live = f"web cpu request {self.shown}"
        kind = {order.old: KnobState.OLD, order.new: KnobState.NEW}.get(live, KnobState.FOREIGN)
        return KnobStatus(kind=kind, live=live, detail=f"the cluster shows {live}")


class GitOpsBench:
    """The knob in front of real repositories, with a cluster that follows the branch."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.repositories = Repositories(folder)
        self.cluster = FollowingCluster(self.repositories)
        self._settings = settings
        self.knob = self.restarted()

    def restarted(self) -> GitOpsKnob:
        return GitOpsKnob(self.repositories.settings(**self._settings), self.cluster, lambda _: None)

    def show(self, instances: int = 1) -> None:
        self.cluster.follow()

    def live(self) -> list[KnobValue]:
        return [self.cluster.shown]

    def somebody_else_writes(self) -> None:
        text = self.repositories.at_origin() + "\n"
        cpu = "250m" if "cpu: 250m" in text else "100m"
        self.repositories.they_commit(text.replace(f"cpu: {cpu}", "cpu: 400m"))
        self.cluster.follow()
