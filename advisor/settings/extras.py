"""What an extra of the distribution brings, and how to get it where it is missing."""

import importlib.util

from advisor.model.errors import ConfigurationError


def has_module(module: str) -> bool:
    """Whether it could be imported; it is not loaded."""
    return importlib.util.find_spec(module) is not None


def install(extra: str) -> str:
    """The command that brings the extra."""
    return f"pip install 'tuning-advisor[{extra}]'"


def require(module: str, *, extra: str, needed_by: str) -> None:
    """needed_by: the setting that asks for it. Raises ConfigurationError when the extra is not installed."""
    if not has_module(module):
        what = f"the module {module} is not installed; it comes with the extra {extra}"
        raise ConfigurationError(what, where=needed_by, fix=install(extra))
