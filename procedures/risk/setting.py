"""Judging what sets variables: some change what the words after them mean."""

import re
from collections.abc import Iterator

from procedures.risk.syntax import SUBSTITUTION
from procedures.risk.tables import ASSIGNED
from procedures.risk.verdicts import Verdict, destructive
from procedures.risk.words import Words

_SETTERS = frozenset({"read", "mapfile", "readarray", "getopts", "let", "wait", "[["})
_DECLARERS = frozenset({"export", "declare", "typeset", "local", "readonly", "unset"})
_EVALUATES = destructive("a text that the shell evaluates")


def judge_setting(name: str, arguments: Words) -> Iterator[Verdict]:
    """Yield the verdicts on the variables that ``name`` would set.

    To bash a name may be an array's element, whose index is evaluated, commands and all.
    """
    texts = [word.text for word in arguments]
    names: list[str] = []
    if name in _SETTERS:
        names = texts
    elif (name == "printf" and texts[:1] == ["-v"]) or (name in ("test", "[") and "-v" in texts):
        names = texts[1:2] if name == "printf" else texts
    elif name in _DECLARERS:
        names = [re.split(r"\+?=", text, maxsplit=1)[0] for text in texts]
    for text in names:
        if SUBSTITUTION.search(text):
            yield _EVALUATES
        if text in ASSIGNED:
            yield ASSIGNED[text]
    if name == "hash" and any(text.startswith("-") and "p" in text for text in texts):
        yield destructive("changes which programs run")
