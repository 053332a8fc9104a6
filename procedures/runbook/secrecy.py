"""Commands that would show a secret: on the screen, or on a command line for all to see."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from procedures.risk.syntax import Call, syntax_of
from procedures.risk.words import Words, base_name

_TELLING = r"\w*(?:PASSW(?:OR)?D|SECRET|TOKEN|(?:ENCRYPTION|API|PRIVATE|_)_?KEY)\w*"
_SECRET_VARIABLE = re.compile(rf"\$\{{?{_TELLING}", re.IGNORECASE)
_SECRET_FILE = re.compile(r"(?:^|/)\.env(?:\.\w+)?$|/etc/default/llm-config-manager$|secrets?/")
_PRINTERS = frozenset({"echo", "printf"})
_READERS = frozenset(
    {"cat", "less", "more", "head", "tail", "grep", "egrep", "sed", "awk", "strings"}
)
_QUIET = re.compile(r"^-\w*[qclL]\w*$|^--(?:quiet|count|files-with-matches)$")
_WRAPPERS = frozenset({"sudo", "env", "time", "timeout", "xargs"})


class ShownSecret(NamedTuple):
    """Part of a script, and how it would give a secret away."""

    text: str
    why: str


def shown_secrets(script: str) -> Iterator[ShownSecret]:
    """Yield what in ``script`` would show a secret; a script that cannot be parsed yields none."""
    for call in syntax_of(script).calls:
        if call.words and (why := _why(call)):
            yield ShownSecret(" ".join(call.text.split())[:80], why)


def _why(call: Call) -> str:
    name, arguments = _unwrapped(call.words)
    if name in _PRINTERS and _SECRET_VARIABLE.search(call.text):
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
        rf"(?:--password|--from-literal|-p)[= ]?\S*{_SECRET_VARIABLE.pattern}", call.text, re.I
    ):
        return "puts a secret on the command line"
    return ""


def _unwrapped(words: Words) -> tuple[str, Words]:
    """Return name and arguments of what a wrapper runs, as far as that is plain to see."""
    position = 0
    while position < len(words) - 1 and base_name(words[position]) in _WRAPPERS:
        position += 1
        while position < len(words) - 1 and words[position].text.startswith("-"):
            position += 1
    return base_name(words[position]), words[position + 1 :]


def _prints_secret_object(arguments: list[str]) -> bool:
    gets = "get" in arguments and any(a.split("/")[0] in ("secret", "secrets") for a in arguments)
    wide = any(
        re.fullmatch(r"-o=?(?:yaml|json)|(?:yaml|json)|--output=(?:yaml|json)", a)
        for a in arguments
    )
    return gets and wide
