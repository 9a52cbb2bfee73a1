"""Where the manifests of a cluster are kept in git, and how a commit gets from there to where it is looked at."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from advisor.settings.fields.duration import Seconds
from advisor.settings.fields.name import Name


def _inside(path: str) -> str:
    if path.startswith("/") or ".." in path.split("/"):
        raise ValueError("must be a folder within the repository, such as deploy/overlays/production")
    return path


def _branch(name: str) -> str:
    """The part of git's rules that keeps a name from being taken for an option, a range or a path."""
    if name.startswith(("-", "/")) or name.endswith(("/", ".lock", ".")) or any(sign in name for sign in " ~^:?*[\\"):
        raise ValueError(f"{name!r} is no name of a branch")
    if ".." in name or "@{" in name or "//" in name:
        raise ValueError(f"{name!r} is no name of a branch")
    return name


class HelmValues(BaseModel):
    """Where a chart takes the fields of one object from: no program can tell that from the chart."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    object: str = Field(
        pattern=r"^[A-Z][A-Za-z]*/[a-z0-9][-a-z0-9]*/[a-z0-9][-a-z0-9.]*$", description="Deployment/shop/web"
    )
    file: Annotated[str, AfterValidator(_inside)] = Field("values.yaml", description="within path")
    keys: dict[str, str] = Field(
        min_length=1,
        description="path of a field, or of what it lies in, and the key of the values that it is made from",
    )


class GitOpsSettings(BaseModel):
    """A folder of a git repository is the source of truth of a cluster: a change is a commit, never a live patch."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    repository: Name | None = Field(None, description="folder of a clone; null: changes are written to the cluster")
    branch: Annotated[str, AfterValidator(_branch)] | None = Field(
        None, description="that the cluster follows; null: the one that is checked out"
    )
    path: Annotated[str, AfterValidator(_inside)] = Field(
        ".", description="folder in it: of manifests, or of the kustomization that the cluster is given"
    )
    values: tuple[HelmValues, ...] = Field((), description="what a Helm chart makes, and from which of its values")
    publish: tuple[str, ...] = Field(
        (), description="command and arguments, run without a shell after each commit; none: a person publishes"
    )
    publish_timeout_seconds: Seconds = Field(60.0, description="after which it is ended, and counts as failed")
    git_timeout_seconds: Seconds = Field(60.0, description="for one command of git, a fetch included")
    merge_seconds: Seconds = Field(
        86_400.0, description="within this the cluster must show a commit, reviews included; else it is taken back"
    )
