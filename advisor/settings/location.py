"""Where the shipped configuration lies: `config/` beside the package in a checkout, `advisor/config/` in a wheel."""

from pathlib import Path

from advisor.model.errors import ConfigurationError

_PACKAGE = Path(__file__).resolve().parent.parent
_CANDIDATES = (_PACKAGE / "config", _PACKAGE.parent / "config")


def config_folder() -> Path:
    """The folder with `advisor.yaml` and `presets/`, from the wheel or the checkout. Raises ConfigurationError."""
    for folder in _CANDIDATES:
        if (folder / "advisor.yaml").is_file():
            return folder
    raise ConfigurationError(
        "the shipped configuration is missing",
        where=" or ".join(str(folder) for folder in _CANDIDATES),
        fix="install the package again",
    )
