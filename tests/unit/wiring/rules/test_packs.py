"""Rule packs of others: what is wrong with one is told with its distribution and entry point, or with both owners."""

import sys
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest

from advisor.model.errors import ConfigurationError
from advisor.model.knob import Carrier, KnobKind, kind_of
from advisor.ports.rule_pack import RulePack
from advisor.settings.rule_packs import PackSettings
from advisor.settings.schema import Settings
from advisor.sources.prometheus.catalogue import catalogue, load_preset
from advisor.testing.rules import a_rule
from advisor.wiring.rules.book import rule_book, rules_of
from advisor.wiring.rules.packs import adopt, load_packs, schema_with_packs

NAMED = "a.yaml:3"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def install(site: Path, name: str, code: str, *, distribution: str = "") -> None:
    """A distribution with one module, called after it, and one entry point, as pip leaves it behind."""
    distribution = distribution or f"{name}_rules"
    (site / f"{distribution}.py").write_text(dedent(code), encoding="utf-8")
    metadata = site / f"{distribution}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n", encoding="utf-8")
    (metadata / "entry_points.txt").write_text(f"[advisor.rules]\n{name} = {distribution}:PACK\n", encoding="utf-8")


def refusal(*names: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        schema_with_packs(dict.fromkeys(names, NAMED))
    return str(caught.value)


RULES = "from advisor.ports.rule_pack import RulePack\nfrom advisor.settings.rule_packs import PackSettings\n"


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("broken", "import a_module_that_nobody_has", "cannot be imported: ModuleNotFoundError"),
        ("failing", "1 / 0", "cannot be imported: ZeroDivisionError"),
        ("missing", "pack = None", "cannot be imported: AttributeError"),
        ("odd", "PACK = ['rules']", "is a list, and no advisor.ports.rule_pack.RulePack"),
        ("empty", RULES + "PACK = RulePack(name='empty', rules=(None,))", "no advisor.ports.rule.Rule"),
        ("alias", RULES + "PACK = RulePack(name='other', rules=())", "calls itself 'other'"),
        ("Camel", RULES + "PACK = RulePack(name='Camel', rules=())", "use snake case"),
        ("json", RULES + "PACK = RulePack(name='json', rules=())", "cannot stand in the settings"),
        ("loose", RULES + "PACK = RulePack(name='loose', rules=(), settings=dict)", "do not derive from"),
        (
            "demanding",
            RULES + "class S(PackSettings):\n    url: str\nPACK = RulePack(name='demanding', rules=(), settings=S)",
            "has settings without a default: url",
        ),
    ],
)
def test_a_faulty_pack_is_refused_with_its_distribution_and_entry_point(
    site: Path, name: str, code: str, said: str
) -> None:
    install(site, name, code)
    message = refusal(name)
    assert f"{name}_rules 1.0, entry point advisor.rules: {name} = {name}_rules:PACK" in message
    assert said in message
    assert "take it out of rule_packs" in message


def test_a_faulty_pack_that_is_not_named_is_not_even_imported(site: Path) -> None:
    install(site, "unnamed", "1 / 0")
    assert schema_with_packs({"builtin": NAMED}) is Settings
    assert "no rule pack 'quiet' is installed" in refusal("quiet")
    assert "unnamed_rules" not in sys.modules


def test_one_name_of_two_distributions_is_refused(site: Path) -> None:
    code = RULES + "PACK = RulePack(name='twin', rules=())"
    install(site, "twin", code, distribution="first_twin")
    install(site, "twin", code, distribution="second_twin")
    message = refusal("twin")
    assert "two rule packs are called 'twin'" in message
    assert "first_twin 1.0" in message
    assert "second_twin 1.0" in message


def test_a_pack_is_asked_in_the_order_in_which_it_is_named(site: Path) -> None:
    code = "from advisor.testing.rules import a_rule\n" + RULES + "PACK = RulePack(name='own', rules=(a_rule('mine'),))"
    install(site, "own", code)
    settings = Settings(rule_packs=("own", "builtin"), disabled_rules=("missing-index",))
    assert [pack.name for pack in rule_book(settings)] == ["own", "builtin"]
    ids = [rule.id for rule in rules_of(settings)]
    assert ids[:2] == ["mine", "pool-exhaustion"]
    assert "missing-index" not in ids
    assert [rule.id for rule in rules_of(settings, ["mine"])] == ["mine"]


def conflict(*packs: RulePack) -> str:
    with pytest.raises(ConfigurationError) as caught:
        adopt(packs)
    return str(caught.value)


def test_a_rule_id_of_another_pack_is_refused() -> None:
    shipped = load_packs({"builtin": NAMED})
    acme = RulePack(name="acme", rules=(a_rule("missing-index"),))
    said = conflict(*shipped, acme)
    assert "the rule 'missing-index' is in the rule pack 'builtin' and again in 'acme'" in said
    assert "'twice'" in conflict(RulePack(name="acme", rules=(a_rule("twice"), a_rule("twice"))))


def test_a_knob_that_is_known_by_another_kind_is_refused() -> None:
    other = RulePack(name="acme", rules=(), knobs=(KnobKind(name="db.pool_size", carrier=Carrier.CLUSTER),))
    assert "the knob 'db.pool_size' is in the rule pack 'builtin' and again in 'acme'" in conflict(other)
    adopt([replace(other, knobs=(kind_of("db.pool_size"),))])  # the same kind again says nothing new


def test_signals_and_presets_are_known_once_and_by_one_meaning(tmp_path: Path) -> None:
    (tmp_path / "signals.yaml").write_text("acme.jobs: {labels: [app], unit: jobs, meaning: jobs that wait}\n")
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "acme_jobs.yaml").write_text("acme.jobs: sum by (app) (jobs{%matchers%})\n")
    acme = RulePack(name="acme", rules=(), signals=tmp_path / "signals.yaml", presets=tmp_path / "presets")
    for _ in range(2):
        adopt([acme])
    assert catalogue()["acme.jobs"].unit == "jobs"
    assert [template.signal for template in load_preset("acme_jobs")] == ["acme.jobs"]

    (tmp_path / "other.yaml").write_text("acme.jobs: {labels: [app], unit: s, meaning: age of the oldest job}\n")
    assert "the signal 'acme.jobs' is in" in conflict(acme, replace(acme, name="b", signals=tmp_path / "other.yaml"))
    (tmp_path / "other.yaml").write_text("pool.size: {labels: [], unit: litres, meaning: water}\n")
    assert "the signal 'pool.size' is in the rule pack 'builtin'" in conflict(
        RulePack(name="c", rules=(), signals=tmp_path / "other.yaml")
    )
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "agents.yaml").write_text("pool.size: vector(1)\n")
    assert "the preset 'agents' is in" in conflict(RulePack(name="d", rules=(), presets=tmp_path / "mine"))
    assert "is no folder of presets" in conflict(RulePack(name="e", rules=(), presets=tmp_path / "none"))


@pytest.mark.parametrize("text", ["acme.jobs: 5\n", "acme.jobs: {unit: jobs}\n", "acme.jobs: {labels: [1], unit: s}\n"])
def test_a_signal_that_is_not_defined_in_full_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "signals.yaml"
    file.write_text("# ours\n" + text)
    assert f"{file}:2: acme.jobs does not define a signal" in conflict(RulePack(name="acme", rules=(), signals=file))


def test_a_pack_that_is_on_has_a_group_of_settings_under_its_name() -> None:
    class Queues(PackSettings):
        limit: int = 3

    schema = adopt([RulePack(name="queues", rules=(), settings=Queues)])
    given = schema.model_validate_json('{"rule_settings": {"queues": {"limit": 5}}}', strict=True)
    assert dict(given.rule_settings) == {"queues": Queues(limit=5)}
    assert dict(schema().rule_settings) == {"queues": Queues()}
