"""A field type for names that go into findings, journal rows, labels and keys."""

from typing import Annotated

from pydantic import Field

Name = Annotated[
    str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$")
]
"""Not empty, of one line, and not of spaces alone."""
