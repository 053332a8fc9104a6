"""The lines of the shipped catalogue that speak to a cluster, by their verb."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from procedures.environment import Method
from procedures.risk.syntax import Call, syntax_of
from procedures.risk.words import Words
from procedures.runbook.catalogue import load
from procedures.runbook.model import Command, Procedure

_FAMILIES = {"auth", "certificate", "config", "create", "rollout", "set", "top"}
"""Verbs that mean nothing without the word that follows."""

_TAKES_VALUE = {"-n", "--namespace", "--context", "--kubeconfig", "--request-timeout"}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One command for kubectl, as a document writes it.

    Attributes:
        script: The whole fence in which it stands.
        reads_input: It reads a manifest from standard input, so that only its fence can be run.
    """

    verb: str
    text: str
    script: str
    procedure: str
    reads_input: bool


def commands_of(procedure: Procedure) -> Iterator[Command]:
    """Yield what the steps of a procedure run on Kubernetes, and what undoes it."""
    for step in procedure.steps:
        for command in (*step.commands, *step.undo):
            if not command.methods or Method.KUBERNETES in command.methods:
                yield command


def catalogue_lines() -> Mapping[str, tuple[Line, ...]]:
    """Return each verb with its lines; a line that several documents have stands there once."""
    found: defaultdict[str, dict[str, Line]] = defaultdict(dict)
    for procedure in load().procedures:
        for command in commands_of(procedure):
            for call in syntax_of(command.script).calls:
                if line := _line(call, command.script, procedure.id):
                    key = line.script if line.reads_input else line.text
                    found[line.verb].setdefault(key, line)
    return {verb: tuple(lines.values()) for verb, lines in sorted(found.items())}


def fence(procedure_id: str, *parts: str) -> str:
    """Return the one fence of a document for Kubernetes that has all these parts."""
    (procedure,) = (each for each in load().procedures if each.id == procedure_id)
    scripts = [each.script for each in commands_of(procedure)]
    (script,) = (each for each in scripts if all(part in each for part in parts))
    return script


def _line(call: Call, script: str, procedure_id: str) -> Line | None:
    names = [word.text for word in call.words]
    if "kubectl" not in names:
        return None
    words = call.words[names.index("kubectl") + 1 :]
    if not (verb := _verb(words)):
        return None
    return Line(
        verb=verb,
        text=call.text,
        script=script,
        procedure=procedure_id,
        # The grammar counts the dash before a here-document to the redirection.
        reads_input=words[-1].text in {"-", "-f"},
    )


def _verb(words: Words) -> str:
    """Return the verb, with what is done by it where it has several meanings."""
    rest = [word.text for word in words]
    while rest and rest[0].startswith("-"):
        del rest[: 2 if rest[0] in _TAKES_VALUE else 1]
    if len(rest) > 1 and rest[0] in _FAMILIES and not rest[1].startswith("-"):
        return f"{rest[0]} {rest[1]}"
    return rest[0] if rest else ""
