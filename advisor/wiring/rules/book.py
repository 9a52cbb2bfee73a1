"""Which rules there are, in which pack, and which of them a command runs."""

import difflib
from collections.abc import Iterator, Sequence

from advisor.model.errors import ConfigurationError
from advisor.ports.rule import Rule
from advisor.ports.rule_pack import RulePack
from advisor.settings.rule_packs import BUILTIN
from advisor.settings.schema import Settings
from advisor.wiring.rules.foreign import foreign
from advisor.wiring.rules.packs import load_packs


def rule_book(settings: Settings) -> tuple[RulePack, ...]:
    """The packs that are on, with every rule of theirs. Raises ConfigurationError for one that is not there."""
    return load_packs(dict.fromkeys(settings.rule_packs, "rule_packs"))


def rule_called(rule_id: str, settings: Settings, *, where: str) -> tuple[RulePack, Rule]:
    """The rule with this id, and its pack. Raises ConfigurationError that names the nearest."""
    _refuse_unknown([rule_id], settings, where)
    return _by_id(settings)[rule_id]


def page_of(pack: RulePack, rule: Rule) -> str:
    """The page that its pack has about the rule, in Markdown; "" where there is none. Raises ConfigurationError."""
    file = pack.pages / f"{rule.id}.md" if pack.pages is not None else None
    try:
        return file.read_text(encoding="utf-8") if file is not None and file.is_file() else ""
    except (OSError, UnicodeDecodeError) as error:
        fix = f"have the rule pack {pack.name!r} repaired"
        raise ConfigurationError("the page cannot be read as UTF-8 text", where=str(file), fix=fix) from error


def chosen_rules(ids: Sequence[str] | None, settings: Settings) -> tuple[str, ...]:
    """The ids given with `--rule`, none when all are meant. Raises ConfigurationError for one that no rule has."""
    _refuse_unknown(settings.disabled_rules, settings, "disabled_rules")
    _refuse_unknown(ids or (), settings, "--rule")
    return tuple(ids or ())


def with_only(chosen: Sequence[str], settings: Settings) -> Settings:
    """`settings` with every other rule disabled; as they are when none was chosen."""
    others = tuple(rule_id for rule_id in _by_id(settings) if rule_id not in chosen) if chosen else ()
    return settings.model_copy(update={"disabled_rules": (*settings.disabled_rules, *others)})


def rules_of(settings: Settings, only: Sequence[str] = ()) -> tuple[Rule, ...]:
    """The rules that are run: of the packs that are on, those not disabled; `only` these, if any are given."""
    chosen = chosen_rules(only, settings)
    return tuple(
        rule if pack.name == BUILTIN else foreign(rule, pack.name)
        for pack, rule in _by_id(settings).values()
        if rule.id not in settings.disabled_rules and (not chosen or rule.id in chosen)
    )


def unknown_rules(ids: Sequence[str], settings: Settings) -> Iterator[tuple[int, str, str]]:
    """Of these ids the ones that no rule has: the place among them, what is wrong, and the fix."""
    rules = _by_id(settings)
    for place, rule_id in enumerate(ids):
        if rule_id not in rules:
            close = difflib.get_close_matches(rule_id, rules, n=1)
            fix = f"did you mean {close[0]!r}?" if close else "`advisor rules list` names them all"
            yield place, f"there is no rule {rule_id!r}", fix


def _by_id(settings: Settings) -> dict[str, tuple[RulePack, Rule]]:
    return {rule.id: (pack, rule) for pack in rule_book(settings) for rule in pack.rules}


def _refuse_unknown(ids: Sequence[str], settings: Settings, where: str) -> None:
    for _, what, fix in unknown_rules(ids, settings):
        raise ConfigurationError(what, where=where, fix=fix)
