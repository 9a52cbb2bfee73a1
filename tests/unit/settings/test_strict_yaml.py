"""YAML's surprises stay out."""

import pytest

from advisor.model.errors import ConfigurationError
from advisor.settings.strict_yaml import parse_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),  # not false
        ("on", "on"),  # not true
        ("1:30", "1:30"),  # not 90
        ("2026-01-01", "2026-01-01"),  # not a date
        ("0x1F", "0x1F"),
        ("true", True),
        ("~", None),
        ("-12", -12),
        ("1e3", 1000.0),
        ("'5'", "5"),
        ("", None),
    ],
)
def test_a_plain_word_means_what_json_would_mean(text: str, value: object) -> None:
    read = parse_yaml(text, name="x").value
    assert read == value
    assert type(read) is type(value)


def test_every_key_and_item_knows_its_line() -> None:
    file = parse_yaml("a:\n  b: 1\n  c:\n    - x\n    - y\n", name="f.yaml")
    assert file.where(("a", "b")) == "f.yaml:2"
    assert file.where(("a", "c", 1)) == "f.yaml:5"
    assert file.where(("a", "c", 1, "deeper", "than", "the", "file")) == "f.yaml:5"


def test_characters_that_yaml_does_not_allow_are_told() -> None:
    with pytest.raises(ConfigurationError, match="characters YAML does not allow"):
        parse_yaml("a: \x00", name="x")


def test_a_key_that_is_no_word_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="a key must be a word"):
        parse_yaml("[a, b]: 1", name="x")
