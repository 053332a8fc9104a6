"""Commands that would show a secret: on the screen, or on a command line for all to see."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from procedures.risk.carriers import CARRIERS
from procedures.risk.syntax import syntax_of
from procedures.risk.words import Words, base_name, command_name

_TELLING = r"\w*(?:PASSW(?:OR)?D|SECRET|TOKEN|(?:ENCRYPTION|API|PRIVATE|_)_?KEY)\w*"
_SECRET_VARIABLE = re.compile(rf"\$\{{?{_TELLING}", re.IGNORECASE)
_SECRET_FILE = re.compile(r"(?:^|/)\.env(?:\.\w+)?$|/etc/default/llm-config-manager$|secrets?/")
_PRINTERS = frozenset({"echo", "printf"})
_READERS = frozenset(
    {"cat", "less", "more", "head", "tail", "grep", "egrep", "sed", "awk", "strings"}
)
_QUIET = re.compile(r"^-\w*[qclL]\w*$|^--(?:quiet|count|files-with-matches)$")
_NO_PROCESS = frozenset(
    {":", "[", "[[", "declare", "export", "local", "read", "readonly", "return", "test", "unset"}
)
"""Builtins: what they are given is on no command line that others see."""

_QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*\"|'[^']*'|\\.", re.DOTALL)
_ASSIGNMENTS = re.compile(r"\A\s*(?:\w+=(?:\"(?:\\.|[^\"\\])*\"|[^\s\"])*(?:\s+|\Z))+")
_SUBSTITUTION = re.compile(r"\$\([^()]*\)")
_HERE_TEXT = re.compile(r"<<<\s*(?:\"(?:\\.|[^\"\\])*\"|\S+)")
_DEEPEST = 6
_Variable = re.Pattern[str] | None


class ShownSecret(NamedTuple):
    """Part of a script, and how it would give a secret away."""

    text: str
    why: str


def shown_secrets(script: str, declared: Iterable[str] = ()) -> Iterator[ShownSecret]:
    """Yield what in ``script`` would show a secret; a script that cannot be parsed yields none.

    Args:
        script: In shell.
        declared: Names of variables that are secret, whatever they are called.
    """
    names = "|".join(map(re.escape, declared))
    variable = (
        re.compile(rf"(?<!\\)\$(?:(?:{names})\b|\{{(?:{names})\b(?!:?\+))") if names else None
    )
    yield from dict.fromkeys(_in_script(script, variable, 0))


def _in_script(script: str, variable: _Variable, depth: int) -> Iterator[ShownSecret]:
    for call in syntax_of(script).calls:
        if call.words:
            yield from _in_words(call.words, call.text, variable, depth)


def _in_words(words: Words, text: str, variable: _Variable, depth: int) -> Iterator[ShownSecret]:
    """Yield what a command shows, and what those show that it carries: ``sudo cat .env``."""
    if why := _why(words, text) or (_why_declared(words, text, variable) if variable else ""):
        yield ShownSecret(" ".join(text.split())[:80], why)
    carrier = CARRIERS.get(command_name(words[0]))
    if carrier is None or depth >= _DEEPEST:
        return
    for carried in carrier(words[1:]):
        if carried.words:
            yield from _in_words(carried.words, text, variable, depth + 1)
        if carried.script:
            yield from _in_script(carried.script, variable, depth + 1)


def _why_declared(words: Words, text: str, variable: re.Pattern[str]) -> str:
    """Return how a command shows a variable that is declared to be secret; empty if it does not."""
    arguments = _ASSIGNMENTS.sub("", _QUOTED.sub(_expanded, text))
    while arguments != (inner := _SUBSTITUTION.sub("", arguments)):
        arguments = inner
    if all(word.fixed for word in words) or not variable.search(_HERE_TEXT.sub("", arguments)):
        return ""
    name = base_name(words[0])
    if name in _PRINTERS:
        return "prints a secret"
    return "" if name in _NO_PROCESS else "puts a secret on the command line"


def _expanded(quoted: re.Match[str]) -> str:
    """Return what the shell looks for variables in: nothing of what single quotes keep."""
    return "" if quoted[0].startswith(("'", "\\")) else quoted[0]


def _why(words: Words, text: str) -> str:
    name, arguments = base_name(words[0]), words[1:]
    if name in _PRINTERS and _SECRET_VARIABLE.search(text):
        return "prints a secret"
    if name in ("env", "printenv", "set", "export") and not arguments:
        return "prints the whole environment"
    if name in _READERS and any(_SECRET_FILE.search(word.text) for word in arguments):
        quiet = name.endswith("grep") and any(_QUIET.match(word.text) for word in arguments)
        return "" if quiet else "prints a file of secrets"
    if name == "kubectl" and _prints_secret_object([word.text for word in arguments]):
        return "prints the values of a Secret"
    if name == "redis-cli" and any(word.text == "-a" for word in arguments):
        return "puts a password on the command line"
    if re.search(
        rf"(?:--password|--from-literal|-p)[= ]?\S*{_SECRET_VARIABLE.pattern}", text, re.I
    ):
        return "puts a secret on the command line"
    return ""


def _prints_secret_object(arguments: list[str]) -> bool:
    gets = "get" in arguments and any(a.split("/")[0] in ("secret", "secrets") for a in arguments)
    wide = any(
        re.fullmatch(r"-o=?(?:yaml|json)|(?:yaml|json)|--output=(?:yaml|json)", a)
        for a in arguments
    )
    return gets and wide
