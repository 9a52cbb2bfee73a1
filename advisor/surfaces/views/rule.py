"""The rule book; the schemas "advisor/rules/v1" and "advisor/rule/v1"."""

import inspect
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field

from advisor.ports.rule import Rule
from advisor.ports.rule_pack import RulePack


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleEntry:
    """One rule; `pack` is the rule pack that it is from."""

    id: str
    title: str
    guide: str
    needs: tuple[str, ...]
    enabled: bool
    pack: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBookView:
    schema: str = field(default="advisor/rules/v1", init=False)
    rules: tuple[RuleEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDetailView:
    """One rule; `about` is what its module says of itself, `page` what its pack says of it, in Markdown."""

    schema: str = field(default="advisor/rule/v1", init=False)
    id: str
    title: str
    guide: str
    needs: tuple[str, ...]
    enabled: bool
    pack: str
    about: str
    page: str


def rule_entry(rule: Rule, pack: RulePack, disabled: Collection[str]) -> RuleEntry:
    return RuleEntry(
        id=rule.id,
        title=rule.title,
        guide=rule.guide,
        needs=tuple(need.name for need in rule.needs),
        enabled=rule.id not in disabled,
        pack=pack.name,
    )


def rule_book_view(packs: Sequence[RulePack], disabled: Collection[str]) -> RuleBookView:
    return RuleBookView(rules=tuple(rule_entry(rule, pack, disabled) for pack in packs for rule in pack.rules))


def rule_view(rule: Rule, entry: RuleEntry, page: str = "") -> RuleDetailView:
    """page: what the rule's pack says of it; "" when it says nothing."""
    return RuleDetailView(**asdict(entry), about=_about(rule), page=page)


def _about(rule: Rule) -> str:
    module = inspect.getmodule(rule.diagnose)
    return inspect.cleandoc(module.__doc__ or "") if module is not None else ""
