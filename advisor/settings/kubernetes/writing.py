"""Whether and with which account live objects of the cluster are changed."""

from pydantic import BaseModel, ConfigDict, Field

from advisor.settings.fields.name import Name


class WritingSettings(BaseModel):
    """The acting account is another than the reading one, where people keep them apart."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(False, description="whether k8s.hpa and k8s.resources may change live objects")
    kubeconfig: Name | None = Field(None, description="of the acting account; null: the account that reads")
    context: Name | None = Field(None, description="of that kubeconfig; null: its current one, or the reader's")
