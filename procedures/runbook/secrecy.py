"""Commands that would show a secret: on the screen, or on a command line for all to see."""

import re
from collections.abc import Iterator
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
_DEEPEST = 6


class ShownSecret(NamedTuple):
    """Part of a script, and how it would give a secret away."""

    text: str
    why: str


def shown_secrets(script: str) -> Iterator[ShownSecret]:
    """Yield what in ``script`` would show a secret; a script that cannot be parsed yields none."""
    yield from dict.fromkeys(_in_script(script, 0))


def _in_script(script: str, depth: int) -> Iterator[ShownSecret]:
    for call in syntax_of(script).calls:
        if call.words:
            yield from _in_words(call.words, call.text, depth)


def _in_words(words: Words, text: str, depth: int) -> Iterator[ShownSecret]:
    """Yield what a command shows, and what those show that it carries: ``sudo cat .env``."""
    if why := _why(words, text):
        yield ShownSecret(" ".join(text.split())[:80], why)
    carrier = CARRIERS.get(command_name(words[0]))
    if carrier is None or depth >= _DEEPEST:
        return
    for carried in carrier(words[1:]):
        if carried.words:
            yield from _in_words(carried.words, text, depth + 1)
        if carried.script:
            yield from _in_script(carried.script, depth + 1)


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
