"""A field type for sizes: configuration writes "10GB"; a bare number is refused, as nobody knows its unit."""

from typing import Annotated

from pydantic import BeforeValidator

from advisor.model.errors import ConfigurationError
from advisor.model.units import parse_size_bytes


def _bytes(value: object) -> int:
    if not isinstance(value, str):
        raise ValueError(f'{value!r} has no unit; write it as "500MB" or "10GiB"')
    try:
        return parse_size_bytes(value)
    except ConfigurationError as error:
        raise ValueError(str(error)) from error


Bytes = Annotated[int, BeforeValidator(_bytes)]
"""Bytes, given as text with a unit."""
