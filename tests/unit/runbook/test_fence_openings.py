"""Both spellings of Runme's attributes say the same thing."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.runbook.fences import FenceSyntaxError, parse_opening

KEYS = st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,8}", fullmatch=True)
VALUES = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=20)


@pytest.mark.parametrize(
    "opening",
    [
        'sh {"name":"x","timeout":"120s","irreversible":true}',
        "sh {name=x timeout=120s irreversible}",
        "sh { name='x', timeout=\"120s\", irreversible=true }",
        'SH{name="x" timeout=120s irreversible}',
    ],
)
def test_each_spelling_gives_the_same_attributes(opening: str) -> None:
    read = parse_opening(opening)
    assert read.language == "sh"
    assert read.attributes == {"name": "x", "timeout": "120s", "irreversible": "true"}


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_any_value_survives_both_spellings(attributes: dict[str, str]) -> None:
    quoted = " ".join(
        f'{key}="{value}"'
        for key, value in (
            (key, value.replace("\\", "\\\\").replace('"', '\\"'))
            for key, value in attributes.items()
        )
    )
    assert parse_opening(f"sh {{{quoted}}}").attributes == attributes
    assert parse_opening(f"sh {json.dumps(attributes)}").attributes == attributes


@pytest.mark.parametrize(
    "opening",
    ["sh {name=x name=y}", 'sh {"name":"x","name":"y"}', "sh {=x}", 'sh {name="x}', "sh name=x",
     'sh {"name":{}}', "sh {level=destructive}x", 'sh {name="x"level=read}'],
)  # fmt: skip
def test_attributes_that_cannot_be_read_are_refused(opening: str) -> None:
    with pytest.raises(FenceSyntaxError):
        parse_opening(opening)


@given(st.text())
def test_any_opening_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(FenceSyntaxError):
        assert parse_opening(text).language == parse_opening(text).language.lower()
