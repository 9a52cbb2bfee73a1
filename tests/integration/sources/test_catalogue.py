"""Presets are checked whole when they are loaded; a fault is told with file, line and the nearest name."""

from pathlib import Path

import promql_parser
import pytest

from advisor.model.errors import ConfigurationError
from advisor.settings.location import config_folder
from advisor.settings.prometheus import PrometheusSettings
from advisor.sources.prometheus.catalogue import catalogue, escaped, load_preset, load_templates

PRESETS = sorted(path.stem for path in (config_folder() / "presets").glob("*.yaml"))


def test_the_presets_of_the_issue_are_there() -> None:
    wanted = {"agents", "guide", "otel", "postgres_exporter", "redis_exporter", "cadvisor", "kube_state_metrics"}
    assert wanted <= set(PRESETS)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_loads_is_promql_and_puts_the_matchers_into_every_selector(name: str) -> None:
    templates = load_preset(name)
    assert templates
    for template in templates:
        filled = template.text.count("%matchers%") + template.text.count("%inside%")
        assert template.text.count("{") == filled, template.signal
        query = template.query(window_seconds=300, fresh_seconds=60, matchers={"namespace": "prod"})
        assert "%" not in query
        promql_parser.parse(query)


@pytest.mark.parametrize("name", PRESETS)
def test_every_answer_is_grouped_by_the_labels_of_its_signal(name: str) -> None:
    """A label the query drops would be "" in every key, and all its series fall together."""
    for template in load_preset(name):
        for label in template.labels:
            assert label in template.text, f"{template.signal} in {name} loses {label}"


def test_a_pool_that_holds_no_connection_shows_how_long_none_was_out() -> None:
    """A series that is filtered away at 0 would look like one that nobody measures, and a person would be asked."""
    (template,) = [one for one in load_preset("agents") if one.signal == "pool.longest_checkout_seconds"]
    assert "> 0" not in template.text


def test_the_first_preset_comes_first() -> None:
    both = load_templates(["guide", "agents"])["pool.size"]
    assert [template.preset for template in both] == ["guide", "agents"]


def test_a_file_of_ones_own_is_a_preset(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("# Ours.\npool.size: max by (app) (our_pool_size{%matchers%})\n")
    [template] = load_templates([str(path)])["pool.size"]
    assert template.preset == "mine"
    assert template.query(window_seconds=1, fresh_seconds=1, matchers={}) == "max by (app) (our_pool_size{})"


BROKEN = {
    "pool.sise: up": (3, "no signal 'pool.sise'", "did you mean 'pool.size'?"),
    "zzz: up": (3, "no signal 'zzz'", "see config/signals.yaml"),
    "pool.size: sum by (app (up)": (3, "pool.size is not PromQL", "PromQL with %window%"),
    "pool.size: [up]": (3, "pool.size is not a text", "write PromQL"),
    "pool.size: up\npool.size: up": (4, "key 'pool.size' is given twice, first in line 3", ""),
    "pool.size: &x up\npool.waiting: *x": (3, "anchors and aliases are refused", ""),
    "pool.size: !!python/name:os.system up": (3, "tags are refused", ""),
    "pool.size: 'up": (4, "while scanning a quoted scalar|found unexpected end of stream", ""),
    "- pool.size": (None, "not a mapping of signals", "signal: PromQL"),
    "": (None, "not a mapping of signals", "signal: PromQL"),
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_preset_is_told_with_file_and_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"# Ours.\n\n{text}\n" if text else "")
    line, complaint, fix = BROKEN[text]
    with pytest.raises(ConfigurationError, match=complaint) as caught:
        load_preset(str(path))
    assert caught.value.where == (f"{path}:{line}" if line else str(path))
    assert fix in caught.value.fix


def test_a_preset_that_is_not_there_names_the_nearest_or_all() -> None:
    with pytest.raises(ConfigurationError, match=r"no preset 'agent' .*did you mean 'agents'\?"):
        load_preset("agent")
    with pytest.raises(ConfigurationError, match=r"one of agents, cadvisor, .*or a file that ends in \.yaml"):
        load_preset("zzz")
    with pytest.raises(ConfigurationError, match=r"/nowhere/mine\.yaml: cannot be read"):
        load_preset("/nowhere/mine.yaml")


HOSTILE = ['"} or vector(1) or up{a="', "back\\slash", "two\nlines", "\\", '\\"', "%matchers%", "{{}}", "tab\t€ 🐘", ""]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_labels_text_stays_inside_its_quotes(text: str) -> None:
    query = f"up{{a={escaped(text)}}}"
    selector = promql_parser.parse(query)
    assert isinstance(selector, promql_parser.VectorSelector)
    [matcher] = selector.matchers.matchers
    assert matcher.value == text


def test_a_matchers_name_cannot_carry_a_query() -> None:
    with pytest.raises(ValueError, match="should match pattern"):
        PrometheusSettings.model_validate({"matchers": {'a="b"} or up{c': "d"}})


def test_every_canonical_signal_says_what_it_is() -> None:
    for name, meaning in catalogue().items():
        assert meaning.text
        assert meaning.unit, name
        assert list(meaning.labels) == sorted(meaning.labels), name
