"""Labels as `kubectl -l` takes them: what is selected, and what is wrong with what is no selector."""

import re

import pytest

from advisor.model.kubernetes.selector import is_selected, parse_selector

LABELS = {"app": "web", "tier": "front", "example.com/owner": "ann", "empty": ""}


@pytest.mark.parametrize(
    "text",
    [
        "app=web",
        "app==web",
        " app = web ",
        "app!=shop",
        "nowhere!=anything",  # a label that is not there is not that value, as for kubectl
        "app=web,tier=front",
        "app in (web)",
        "app in (shop, web),tier",
        "app notin (shop,desk)",
        "nowhere notin (x)",
        "example.com/owner=ann",
        "tier",
        "!nowhere",
        "! nowhere",
        "empty=",
        "empty in (,x)",
    ],
)
def test_what_is_meant_is_selected(text: str) -> None:
    assert is_selected(LABELS, parse_selector(text))


@pytest.mark.parametrize(
    "text",
    [
        "app=shop",
        "app!=web",
        "nowhere=web",
        "app=web,tier=back",
        "app in (shop,desk)",
        "nowhere in (web)",
        "app notin (web)",
        "nowhere",
        "!tier",
        "app=",
        "in=web",  # a label may be called so
    ],
)
def test_what_is_not_meant_is_left_out(text: str) -> None:
    assert not is_selected(LABELS, parse_selector(text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        (",", "a label's name is expected, not ','"),
        ("app=web,", "a label's name is expected, not 'the end'"),
        ("=web", "a label's name is expected, not '='"),
        ("app=web=x", "a comma is expected after the requirement on 'app', not '='"),
        ("app web", "after 'app' comes 'web'"),
        ("app in web", "app in: values stand in ( ), not 'web'"),
        ("app in (web", "app in: a comma or ) is expected, not 'the end'"),
        ("app in ()", "app in (): at least one value is needed"),
        ("app in (web))", "a comma is expected after the requirement on 'app', not ')'"),
        ("app notin", "app notin: values stand in ( ), not 'the end'"),
        ("!", "a label's name is expected, not 'the end'"),
        ("!app=web", "a comma is expected after the requirement on 'app', not '='"),
        ("app>1", "app >: labels are compared by =, !=, in and notin"),
        ("-app=web", "'-app' is no name of a label"),
        ("a/b/c=web", "'a/b/c' is no name of a label"),
        ("Example.com/app=web", "'Example.com/app' is no name of a label"),
        ("/app=web", "'/app' is no name of a label"),
        ("app=web/1", "'web/1' is no value of a label"),
        ("app=" + "x" * 64, "is no value of a label"),
        ("x" * 64, "is no name of a label"),
        ("app=(web)", "a value is expected, not '('"),
    ],
)
def test_the_part_that_is_wrong_is_named(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        parse_selector(text)
