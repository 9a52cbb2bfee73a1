"""Which cluster is looked at, or which manifests."""

import shlex
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from advisor.model.kubernetes.selector import parse_selector
from advisor.settings.fields.duration import Seconds
from advisor.settings.fields.name import Name
from advisor.settings.kubernetes.gitops import GitOpsSettings
from advisor.settings.kubernetes.usage import UsageSettings
from advisor.settings.kubernetes.writing import WritingSettings

Namespace = Annotated[str, Field(max_length=63, pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
"""A DNS label, as the server demands it of a namespace."""


def _selecting(text: str) -> str:
    parse_selector(text)
    return text


LabelSelector = Annotated[str, Field(max_length=4096), AfterValidator(_selecting)]
"""As `kubectl -l` takes it."""


class KubernetesSettings(BaseModel):
    """One cluster, one folder of manifests, or both."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool | None = Field(
        None, description="whether the API is read; null: where kubeconfig or context is given; true alone: in a pod"
    )
    kubeconfig: Name | None = Field(
        None, description="file; null: the pod's own account, else $KUBECONFIG or ~/.kube/config"
    )
    context: Name | None = Field(None, description="of the kubeconfig; null: its current one")
    namespaces: tuple[Namespace, ...] = Field((), description="read these only; none: all that the account may read")
    selector: LabelSelector | None = Field(
        None, description='report workloads with these labels only, as "app=web,tier!=cache,env in (a,b)"; null: all'
    )
    manifests: Name | None = Field(None, description="file or folder of YAML, read instead of or beside the API")
    timeout_seconds: Seconds = Field(10.0, description="for one page of one list")
    deadline_seconds: Seconds = Field(30.0, description="for one whole observation, all pages and namespaces together")
    usage: UsageSettings = UsageSettings()
    writing: WritingSettings = WritingSettings()
    gitops: GitOpsSettings = GitOpsSettings()

    @property
    def reads_api(self) -> bool:
        if self.enabled is None:
            return self.kubeconfig is not None or self.context is not None
        return self.enabled

    @property
    def reads_objects(self) -> bool:
        """Whether objects are read, and not only what Prometheus says of them."""
        return self.reads_api or self.manifests is not None

    @property
    def writes(self) -> bool:
        """Whether knobs change its live objects."""
        return self.reads_api and self.writing.enabled

    @property
    def commits(self) -> bool:
        """Whether knobs change the manifests that it is made from."""
        return self.reads_api and self.gitops.repository is not None

    @property
    def acting(self) -> "KubernetesSettings":
        """The same cluster with the account that changes live objects."""
        kubeconfig, context = self.writing.kubeconfig, self.writing.context
        if kubeconfig is not None:  # then the reader's context is of another file
            return self.model_copy(update={"kubeconfig": kubeconfig, "context": context})
        return self.model_copy(update={"context": context}) if context is not None else self

    @property
    def kubectl(self) -> str:
        """How a person's command begins that reaches the same cluster, quoted for a shell."""
        options = {"kubeconfig": self.kubeconfig, "context": self.context}
        return shlex.join(["kubectl", *(f"--{name}={value}" for name, value in options.items() if value)])
