"""What the opening line of a foreign fence says of the text below it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from procedures.runbook.fences import FenceSyntaxError, parse_opening

_SHELLS = frozenset({"sh", "bash", "shell", "zsh", "ksh", "dash"})
_CONSOLES = frozenset(
    {"console", "shell-session", "shellsession", "sh-session", "bash-session", "terminal"}
)
_PROMPTED = re.compile(r"\s*\$ \S")


class Role(Enum):
    """What a fence is to the console."""

    SCRIPT = "script"
    TRANSCRIPT = "transcript"
    SHOWN = "shown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignOpening:
    """Language and attributes; what cannot be read as attributes is left out."""

    language: str
    attributes: Mapping[str, str]


def read_opening(info: str) -> ForeignOpening:
    """Return what an opening line says, in Runme's, Pandoc's or Docusaurus' manner."""
    words = re.split(r"[\s{}:,;(\[]", info.strip().lstrip("{. "), maxsplit=1)
    language = words[0].lower()
    try:
        attributes = parse_opening(info).attributes
    except FenceSyntaxError:
        attributes = {}
    return ForeignOpening(language=language, attributes=attributes)


def role_of(language: str, text: str) -> Role:
    """Return what a fence of ``language`` that holds ``text`` is to the console.

    A fence without a language is a transcript if it begins with a prompt, and else only shown: it
    may as well be output, or a file.
    """
    first = next((line for line in text.split("\n") if line.strip()), "")
    if language in _CONSOLES:
        return Role.TRANSCRIPT
    if language in _SHELLS:
        lines = (line for line in text.split("\n") if line.strip() and line.lstrip()[0] != "#")
        prompted = _PROMPTED.match(next(lines, ""))
        return Role.TRANSCRIPT if prompted else Role.SCRIPT
    if not language and _PROMPTED.match(first):
        return Role.TRANSCRIPT
    return Role.SHOWN
