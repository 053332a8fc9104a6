"""Judging what reads commands from standard input, where the script itself shows them."""

import re

from procedures.risk.sql import judge_sql
from procedures.risk.stores import wants_statements
from procedures.risk.verdicts import Verdict
from procedures.risk.words import Words

SHELLS = frozenset({"bash", "sh", "dash", "ash", "ksh", "zsh"})
HANDS_ON = frozenset(
    {"sudo", "doas", "env", "nice", "ionice", "nohup", "stdbuf", "timeout", "time", "command"}
    | SHELLS
    | {"exec", "ssh", "kubectl", "oc", "docker", "podman", "docker-compose", "su", "runuser"}
)
"""Commands whose standard input is that of the command they carry."""


_ALL_FROM_INPUT = re.compile(r"(?:(?:-[eux]*s?|[-+][eux]*o pipefail)(?: |$))*")


def reads_given(name: str, words: Words) -> bool:
    """Tell whether a command takes all that it does from standard input."""
    texts = [word.text for word in words]
    if name in SHELLS:
        return _ALL_FROM_INPUT.fullmatch(" ".join(texts)) is not None
    return name == "psql" and wants_statements(words)


def judge_given(text: str) -> Verdict:
    """Return the verdict on what ``psql`` is given to read."""
    lines = [line.strip() for line in text.splitlines()]
    shown = "\n".join(
        line for line in lines if not re.fullmatch(r"\\(?:timing|x|q)(?: o\w+)?", line)
    )
    return judge_sql(shown)
