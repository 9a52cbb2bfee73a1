"""Which rules a command runs."""

import difflib
from collections.abc import Sequence

from advisor.model.errors import ConfigurationError
from advisor.ports.rule import Rule
from advisor.settings.schema import Settings
from advisor_rules import ALL_RULES


def rule_book() -> tuple[Rule, ...]:
    """Every rule there is."""
    return ALL_RULES


def chosen_rules(ids: Sequence[str] | None, settings: Settings) -> tuple[str, ...]:
    """The ids given with `--rule`, none when all are meant. Raises ConfigurationError for one that no rule has."""
    for one in settings.disabled_rules:
        rule_called(one, where="disabled_rules")
    return tuple(rule_called(one, where="--rule").id for one in ids or ())


def with_only(chosen: Sequence[str], settings: Settings) -> Settings:
    """`settings` with every other rule disabled; as they are when none was chosen."""
    others = tuple(rule.id for rule in ALL_RULES if rule.id not in chosen) if chosen else ()
    return settings.model_copy(update={"disabled_rules": (*settings.disabled_rules, *others)})


def rule_called(rule_id: str, *, where: str) -> Rule:
    """The rule with this id. Raises ConfigurationError that names the nearest."""
    rules = {rule.id: rule for rule in ALL_RULES}
    if rule_id not in rules:
        close = difflib.get_close_matches(rule_id, rules, n=1)
        fix = f"did you mean {close[0]!r}?" if close else "`advisor rules list` names them all"
        raise ConfigurationError(f"there is no rule {rule_id!r}", where=where, fix=fix)
    return rules[rule_id]
