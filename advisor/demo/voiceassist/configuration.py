"""What the example is started with. Bottlenecks are nothing but bad settings."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

_PREFIX = "VOICEASSIST_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """database_url and redis_url hold passwords: they come by the environment and are never shown."""

    database_url: str
    redis_url: str
    pool_size: int = 20
    max_overflow: int = 0
    pool_timeout_seconds: float = 1.0
    l1_ttl_seconds: float = 10.0
    l2_ttl_seconds: float = 60.0
    model_seconds: float = 0.1
    """How long the language model thinks about a reply; the reply's transaction is held meanwhile."""
    summary_seconds: float = 0.03
    """How long the summary service takes for a dashboard."""
    leaks: bool = False
    """Whether a failed export forgets to give its connection back."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """From VOICEASSIST_... variables. Raises KeyError or ValueError for one that is missing or wrong."""
        values: dict[str, object] = {}
        for field in fields(cls):
            text = environment.get(_PREFIX + field.name.upper())
            if text is not None:
                values[field.name] = _read(text, field.type)
        return cls(**values)  # type: ignore[arg-type]

    def to_environment(self) -> dict[str, str]:
        """The variables that `from_environment` reads."""
        return {_PREFIX + field.name.upper(): str(getattr(self, field.name)) for field in fields(self)}


def _read(text: str, kind: object) -> object:
    if kind is bool:
        return text == "True"
    return kind(text) if callable(kind) else text
