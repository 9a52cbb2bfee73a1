"""How a value is given to some instances first."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class CanarySettings(BaseModel):
    """Some instances take the value, and the others, at the same time, show what would have been without it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    shares: tuple[float, ...] = Field(
        (0.34,), description="of the instances, one stage each; then all take the value. Empty: all at once"
    )
    smallest_side: int = Field(
        1, ge=1, le=100_000, description="instances that take the value in a stage, and that keep the old one, at least"
    )
    required: bool = Field(
        False, description="where a canary is not possible, the change waits; if not, all take the value at once"
    )

    @model_validator(mode="after")
    def _shares_rise(self) -> Self:
        if any(not 0 < share < 1 for share in self.shares):
            raise ValueError("a share lies between 0 and 1; all instances follow by themselves at the end")
        if list(self.shares) != sorted(set(self.shares)):
            raise ValueError("shares must rise from stage to stage")
        if self.required and not self.shares:
            raise ValueError("a canary is required, but has no shares; give one, such as 0.34")
        return self
