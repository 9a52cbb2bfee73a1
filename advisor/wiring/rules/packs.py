"""The rule packs that are on: the shipped one, and those of others by their entry points.

Where no pack of others is named, no metadata of installed distributions is read and no rule is imported.
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from advisor.model.errors import ConfigurationError
from advisor.model.knob import BUILTIN_KINDS
from advisor.model.knob import declare as declare_knobs
from advisor.ports.rule import Rule
from advisor.ports.rule_pack import RulePack
from advisor.settings.rule_packs import BUILTIN, PackSettings
from advisor.settings.schema import Settings, settings_with

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "advisor.rules"
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def schema_with_packs(named: Mapping[str, str]) -> type[Settings]:
    """The schema of the settings with what these packs add; their knobs, signals and presets are known from then on.

    named: packs by name, and where each is named. Raises ConfigurationError for a pack that is not there, cannot be
    loaded, or brings a name that another one has.
    """
    if not named.keys() - {BUILTIN}:
        return Settings
    return adopt(load_packs(named))


def load_packs(named: Mapping[str, str]) -> tuple[RulePack, ...]:
    """The packs, in the order in which they are named. Raises ConfigurationError."""
    points = _entry_points() if named.keys() - {BUILTIN} else {}
    return tuple(_builtin() if name == BUILTIN else _load(name, where, points) for name, where in named.items())


def adopt(packs: Sequence[RulePack]) -> type[Settings]:
    """Take the packs in: refuse what two of them claim, make their names known, and give the schema they add to."""
    from advisor.sources.prometheus.catalogue import declare, presets_in, read_signals, shipped_presets, shipped_signals

    signals = {pack.name: read_signals(pack.signals) if pack.signals else {} for pack in packs}
    presets = {pack.name: presets_in(pack.presets) if pack.presets else {} for pack in packs}
    kinds = {pack.name: {kind.name: kind for kind in pack.knobs} for pack in packs}
    _refuse_two_owners("rule", ((pack.name, rule.id, object()) for pack in packs for rule in pack.rules))
    _refuse_two_owners("signal", _claims(shipped_signals(), signals))
    _refuse_two_owners("preset", _claims(shipped_presets(), presets))
    _refuse_two_owners("knob", _claims({kind.name: kind for kind in BUILTIN_KINDS}, kinds))
    for pack in packs:
        declare_knobs(*pack.knobs)
        declare(signals[pack.name], presets[pack.name])
    return settings_with({pack.name: pack.settings for pack in packs if pack.settings is not None})


def _builtin() -> RulePack:
    from advisor_rules import ALL_RULES

    return RulePack(name=BUILTIN, rules=ALL_RULES)


def _entry_points() -> dict[str, "EntryPoint"]:
    """By name. Raises ConfigurationError for a name that two distributions claim."""
    from importlib.metadata import entry_points

    found: dict[str, EntryPoint] = {}
    for point in entry_points(group=GROUP):
        first = found.setdefault(point.name, point)
        if _distribution(first) != _distribution(point):
            what = f"two rule packs are called {point.name!r}: {_distribution(first)} and {_distribution(point)}"
            raise ConfigurationError(what, where=f"entry points {GROUP}", fix="uninstall one of them")
    return found


def _distribution(point: "EntryPoint") -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist is not None else "an unknown distribution"


def _load(name: str, where: str, points: Mapping[str, "EntryPoint"]) -> RulePack:
    if name not in points:
        installed = sorted({BUILTIN, *points})
        close = difflib.get_close_matches(name, installed, n=1)
        fix = f"did you mean {close[0]!r}?" if close else f"install what brings it; there are {', '.join(installed)}"
        raise ConfigurationError(f"rule_packs: no rule pack {name!r} is installed", where=where, fix=fix)
    point = points[name]
    try:
        pack = point.load()
    except Exception as error:  # the code is somebody else's
        raise _fault(point, f"cannot be imported: {type(error).__name__}: {error}") from error
    if not isinstance(pack, RulePack):
        raise _fault(point, f"is a {type(pack).__name__}, and no advisor.ports.rule_pack.RulePack")
    if not all(isinstance(rule, Rule) for rule in pack.rules):
        raise _fault(point, "holds something among its rules that is no advisor.ports.rule.Rule")
    if pack.name != name:
        raise _fault(point, f"calls itself {pack.name!r}, but its entry point {name!r}")
    if not _NAME.fullmatch(name) or hasattr(BaseModel, name):
        raise _fault(point, "has a name that cannot stand in the settings: use snake case, such as queue_depth")
    if pack.settings is not None and not (isinstance(pack.settings, type) and issubclass(pack.settings, PackSettings)):
        raise _fault(point, "has settings that do not derive from advisor.settings.rule_packs.PackSettings")
    _refuse_settings_without_default(pack, point)
    return pack


def _refuse_settings_without_default(pack: RulePack, point: "EntryPoint") -> None:
    try:
        if pack.settings is not None:
            pack.settings()
    except ValidationError as error:
        names = ", ".join(".".join(map(str, one["loc"])) for one in error.errors())
        raise _fault(point, f"has settings without a default: {names}") from error


def _fault(point: "EntryPoint", what: str) -> ConfigurationError:
    return ConfigurationError(
        f"rule pack {point.name!r} {what}",
        where=f"{_distribution(point)}, entry point {GROUP}: {point.name} = {point.value}",
        fix="have it repaired, or take it out of rule_packs",
    )


def _claims(
    shipped: Mapping[str, object], brought: Mapping[str, Mapping[str, object]]
) -> Iterator[tuple[str, str, object]]:
    """Owner, name and content of what the advisor has anyway, and of what each pack brings."""
    yield from ((BUILTIN, name, content) for name, content in shipped.items())
    for pack, contents in brought.items():
        yield from ((pack, name, content) for name, content in contents.items())


def _refuse_two_owners(what: str, claims: Iterable[tuple[str, str, object]]) -> None:
    first: dict[str, tuple[str, object]] = {}
    for pack, name, content in claims:
        owner, known = first.setdefault(name, (pack, content))
        if known != content:
            raise ConfigurationError(
                f"the {what} {name!r} is in the rule pack {owner!r} and again in {pack!r}",
                where="rule_packs",
                fix="name one of them only, or have one renamed",
            )
