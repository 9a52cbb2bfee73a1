"""Which rule packs are on, and what is set for them."""

from pydantic import BaseModel, ConfigDict

BUILTIN = "builtin"
"""The name of the pack that is shipped with the advisor."""


class PackSettings(BaseModel):
    """What the settings of a rule pack derive from: strict like all others, and every one with a default.

    A field says its meaning, which errors repeat: `Field(30.0, gt=0, description="seconds after which ...")`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)


class RuleSettings(BaseModel):
    """The settings of rule packs, each under the name of its pack; a pack that is on adds its own group."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())
