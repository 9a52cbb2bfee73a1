"""Constants of utility commands, which a server keeps as they were written."""

import pytest

from advisor.sql.utility import without_literals


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ALTER USER app PASSWORD 's3cret'", "ALTER USER app PASSWORD '***'"),
        ("create role r login password 'it''s'", "create role r login password '***'"),
        ("/* tool */ -- more\nALTER ROLE r PASSWORD E'a\\'b'", "/* tool */ -- more\nALTER ROLE r PASSWORD E'***'"),
        ("do $$begin perform 'hidden'; end$$", "do '***'"),
        ("DO $x$ select $1$ $x$ LANGUAGE plpgsql", "DO '***' LANGUAGE plpgsql"),
        ("ALTER ROLE r PASSWORD 'cut off by the ser", "ALTER ROLE r PASSWORD '***'"),
        ("COPY t FROM PROGRAM 'curl -u me:secret x'", "COPY t FROM PROGRAM '***'"),
        ("VACUUM shop", "VACUUM shop"),
    ],
)
def test_a_utility_command_shows_none(text: str, shown: str) -> None:
    assert without_literals(text) == shown


@pytest.mark.parametrize("text", ["SELECT 'a' FROM t", "/* x */ with a as (select $1) select 'b' from a", "(SELECT 1)"])
def test_other_statements_are_left_alone(text: str) -> None:
    assert without_literals(text) == text
