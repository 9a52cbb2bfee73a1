"""The name of a label of Prometheus."""

from typing import Annotated

from pydantic import Field

LabelName = Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")]
"""A label's name goes into queries as it is."""
