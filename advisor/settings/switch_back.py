"""How a trial without a canary shows that the effect follows the knob."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from advisor.settings.fields.duration import Seconds


class SwitchBackSettings(BaseModel):
    """The old value comes back for a while, and the new one again, at drawn times (A-B-A-B)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(
        True,
        description="where no canary is possible, the knob is cheap to move and the periods fit the longest window",
    )
    periods: int = Field(
        5, ge=3, le=99, description="of one value each, before anything is kept; the first has the new value"
    )
    shortest_seconds: Seconds = Field(600.0, description="a period lasts as long at least, its warm-up apart")
    longest_seconds: Seconds = Field(1_800.0, description="and as long at most; how long, is drawn")

    @model_validator(mode="after")
    def _bounds_in_order(self) -> Self:
        if self.longest_seconds < self.shortest_seconds:
            raise ValueError("longest_seconds is below shortest_seconds; swap them")
        if self.periods % 2 == 0:
            raise ValueError("periods is even, and would end with the old value; give an odd number, such as 5")
        return self
