"""The alerting rules, for people; what JSON and YAML print is the rule file itself."""

from advisor.model.units import format_duration
from advisor.surfaces.documents.document import Document, Section, Table
from advisor.surfaces.views.alert_rules import AlertRulesView


def alert_rules_document(view: AlertRulesView) -> Document:
    rules = Table(
        columns=("Alert", "For", "Severity", "Rule", "Expression"),
        rows=tuple(
            (
                one.alert,
                format_duration(one.for_seconds),
                one.labels.get("severity", ""),
                one.labels.get("advisor_rule", ""),
                one.expr,
            )
            for one in view.rules
        ),
        wide_columns=frozenset({"Expression"}),
    )
    without = Table(columns=("Rule", "Why it has none"), rows=tuple((one.rule, one.why) for one in view.without))
    return Document(
        title="Alerting rules",
        data=view.rule_file(),
        sections=(
            Section(heading="Alerts", table=rules, if_empty="There are none."),
            Section(heading="Rules without an alert", table=without, if_empty="There are none."),
        ),
        rows=rules,
    )
