"""The line that opens a fence: its language and its attributes, in both spellings of Runme.

```` ```sh {"name":"x"} ```` and ```` ```sh {name=x irreversible} ```` say the same thing; a name
without a value is true.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

_INFO = re.compile(r"(?P<language>[^\s{]*)\s*(?P<attributes>\{.*\})?", re.DOTALL)
_ATTRIBUTE = re.compile(
    r"""\s*(?P<key>[A-Za-z][\w-]*)
        (?:\s*=\s*(?:"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"'{},=]+)))?
        (?=[\s,]|$)[\s,]*""",
    re.VERBOSE,
)


class FenceSyntaxError(ValueError):
    """The opening line of a fence cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What the opening line of a fence says; a JSON true or a bare name is the text ``true``."""

    language: str
    attributes: Mapping[str, str]


def parse_opening(text: str) -> Opening:
    """Return the language and attributes of a fence; raises FenceSyntaxError."""
    match = _INFO.fullmatch(text.strip())
    if match is None:
        raise FenceSyntaxError(f"'{text.strip()}' is not 'language {{key=value …}}'")
    braces = match["attributes"] or "{}"
    return Opening(language=match["language"].lower(), attributes=parse_attributes(braces))


def parse_attributes(braces: str) -> dict[str, str]:
    """Return what ``{…}`` holds, in either spelling; raises FenceSyntaxError."""
    inner = braces.strip()[1:-1].strip()
    return _from_json(braces) if inner.startswith('"') else _from_pairs(inner)


def _from_json(text: str) -> dict[str, str]:
    try:
        pairs = json.loads(text, object_pairs_hook=list)
    except (ValueError, RecursionError) as error:
        raise FenceSyntaxError(f"the attributes are not valid JSON: {error}") from error
    return _unique([(key, _scalar(key, value)) for key, value in pairs])


def _scalar(key: str, value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str() | int() | float():
            return str(value)
    raise FenceSyntaxError(f"attribute '{key}' must be a text, a number, true or false")


def _from_pairs(inner: str) -> dict[str, str]:
    pairs: list[tuple[str, str]] = []
    position = 0
    while position < len(inner):
        match = _ATTRIBUTE.match(inner, position)
        if match is None:
            raise FenceSyntaxError(f"cannot read the attributes from '{inner[position:][:40]}' on")
        pairs.append((match["key"], _value(match)))
        position = match.end()
    return _unique(pairs)


def _value(match: re.Match[str]) -> str:
    if match["double"] is not None:
        return re.sub(r"\\(.)", r"\1", match["double"])
    quoted_or_bare = match["single"] if match["single"] is not None else match["bare"]
    return "true" if quoted_or_bare is None else quoted_or_bare


def _unique(pairs: list[tuple[str, str]]) -> dict[str, str]:
    attributes = dict(pairs)
    if len(attributes) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise FenceSyntaxError(f"attribute '{twice}' is given twice")
    return attributes
