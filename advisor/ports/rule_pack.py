"""What a distribution of others brings to the advisor: rules, and whatever they need."""

from dataclasses import dataclass
from pathlib import Path

from advisor.model.knob import KnobKind
from advisor.ports.rule import Rule
from advisor.settings.rule_packs import PackSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePack:
    """Rules under one name, found by an entry point of the group `advisor.rules`, and off until `rule_packs` names it.

    name: snake case, and that of the entry point; its settings stand in `rule_settings.NAME`.
    signals: a file that defines canonical signals, as config/signals.yaml does. presets: a folder of NAME.yaml files
    with their PromQL, as config/presets/ is; like the shipped ones they are read once `prometheus.presets` names them.
    settings: the group of settings, which a rule gets from `RuleContext.settings_of`.
    pages: a folder with a page ID.md for each rule. knobs: the kinds of knob that its rules may propose.
    """

    name: str
    rules: tuple[Rule, ...]
    signals: Path | None = None
    presets: Path | None = None
    settings: type[PackSettings] | None = None
    pages: Path | None = None
    knobs: tuple[KnobKind, ...] = ()
