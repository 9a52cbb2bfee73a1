"""Which rules there are, in which pack, and which of them a command runs."""

import difflib
from collections.abc import Sequence

from advisor.model.errors import ConfigurationError
from advisor.ports.rule import Rule
from advisor.ports.rule_pack import RulePack
from advisor.settings.schema import Settings
from advisor.wiring.rule_packs import load_packs


def rule_book(settings: Settings) -> tuple[RulePack, ...]:
    """The packs that are on, with every rule of theirs. Raises ConfigurationError for one that is not there."""
    return load_packs(dict.fromkeys(settings.rule_packs, "rule_packs"))


def rule_called(rule_id: str, settings: Settings, *, where: str) -> tuple[RulePack, Rule]:
    """The rule with this id, and its pack. Raises ConfigurationError that names the nearest."""
    rules = {rule.id: (pack, rule) for pack in rule_book(settings) for rule in pack.rules}
    if rule_id not in rules:
        close = difflib.get_close_matches(rule_id, rules, n=1)
        fix = f"did you mean {close[0]!r}?" if close else "`advisor rules list` names them all"
        raise ConfigurationError(f"there is no rule {rule_id!r}", where=where, fix=fix)
    return rules[rule_id]


def page_of(pack: RulePack, rule: Rule) -> str:
    """The page that its pack has about the rule, in Markdown; "" where there is none."""
    file = pack.pages / f"{rule.id}.md" if pack.pages is not None else None
    return file.read_text(encoding="utf-8") if file is not None and file.is_file() else ""


def chosen_rules(ids: Sequence[str] | None, settings: Settings) -> tuple[str, ...]:
    """The ids given with `--rule`, none when all are meant. Raises ConfigurationError for one that no rule has."""
    for one in settings.disabled_rules:
        rule_called(one, settings, where="disabled_rules")
    for one in ids or ():
        rule_called(one, settings, where="--rule")
    return tuple(ids or ())


def with_only(chosen: Sequence[str], settings: Settings) -> Settings:
    """`settings` with every other rule disabled; as they are when none was chosen."""
    others = tuple(rule.id for rule in _all_rules(settings) if rule.id not in chosen) if chosen else ()
    return settings.model_copy(update={"disabled_rules": (*settings.disabled_rules, *others)})


def rules_of(settings: Settings, only: Sequence[str] = ()) -> tuple[Rule, ...]:
    """The rules that are run: of the packs that are on, those not disabled; `only` these, if any are given."""
    chosen = chosen_rules(only, settings)
    enabled = (rule for rule in _all_rules(settings) if rule.id not in settings.disabled_rules)
    return tuple(rule for rule in enabled if not chosen or rule.id in chosen)


def _all_rules(settings: Settings) -> tuple[Rule, ...]:
    return tuple(rule for pack in rule_book(settings) for rule in pack.rules)
