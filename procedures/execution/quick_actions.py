"""A quick action as a procedure: it is walked, confirmed and recorded like any other one."""

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from procedures.execution.cleaning import clean_line
from procedures.reference.levels import Level
from procedures.targets.actions import Action, Verb
from procedures.targets.values import Place

if TYPE_CHECKING:
    from procedures.runbook.model import Procedure

_ACT_TIMEOUT_S = 600
_LOOK_TIMEOUT_S = 300

_BACK = "{}: back to what it was"
_TITLES = {
    Verb.RESTART: "Restart {}",
    Verb.SCALE: "Scale {}",
    Verb.STOP: "Stop {}",
    Verb.START: "Start {}",
    Verb.ROLL_BACK: "Roll {} back",
}


def quick_procedure(action: Action, place: Place) -> "Procedure":
    """Return the document of an action: its command, then a look at what came of it.

    Args:
        action: What to do; its commands are complete.
        place: Where, for those who read the record.
    """
    # The Markdown and YAML parsers must not delay the console's first picture.
    from procedures.runbook.parser import parse

    name = quick_id(action, place)
    return parse(_document(name, action, place), Path("quick-actions") / f"{name}.md")


def quick_id(action: Action, place: Place) -> str:
    """Return the id of the procedure: two consoles that do the same meet in one run."""
    # Two different numbers are two documents: neither may go on with the other's run.
    number = f"to {action.ready}" if action.verb is Verb.SCALE else ""
    return _slug("quick", action.verb.value, action.workload, number, "on", place.name)


def _document(name: str, action: Action, place: Place) -> str:
    title = _TITLES[action.verb].format(action.workload)
    summary = f"On {_prose(place.where)}."
    parts = [
        f"---\nid: {name}\ntitle: {_quoted(title)}\nsummary: {_quoted(summary)}\n---",
        f"A quick action on {_prose(place.name)}: {_prose(place.where)}.",
        f"## {title}",
        f"### {title} now",
        _notice(action),
        _fence("sh", action.commands, action.level, action.affects),
        _fence("undo", action.undo, action.level, _BACK.format(action.workload)),
    ]
    if action.look or action.ready is not None:
        parts += ["## See what came of it", "### Look at it again"]
    if action.look:
        parts.append(f"```sh {{timeout={_LOOK_TIMEOUT_S}s}}\n{script(action.look)}\n```")
    if action.ready is not None:
        parts.append(f"```check\nworkload {action.workload} has {action.ready} ready\n```")
    return "\n\n".join(part for part in parts if part) + "\n"


def script(commands: Sequence[Sequence[str]]) -> str:
    """Return command lines as a shell reads them back."""
    return "\n".join(shlex.join(argv) for argv in commands)


def _fence(kind: str, commands: Sequence[Sequence[str]], level: Level, affects: str) -> str:
    if not commands:
        return ""
    affects = _attribute(affects)
    said = f' affects="{affects}"' if affects else ""
    attributes = f"timeout={_ACT_TIMEOUT_S}s level={level.value}{said}"
    return f"```{kind} {{{attributes}}}\n{script(commands)}\n```"


def _notice(action: Action) -> str:
    caution = _prose(action.caution)
    if not caution:
        return ""
    kind = "CAUTION" if action.level is Level.DESTRUCTIVE else "WARNING"
    return f"> [!{kind}]\n> Mind: {caution}"


def _slug(*words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", " ".join(words).lower()).strip("-")


_PLAIN = str.maketrans("`*[]<>{}|\\", "'·()‹›()/" + "/")
"""Signs that mean something in Markdown or to a fence's attributes, and what stands for them."""


def _prose(text: str) -> str:
    """Return text of one line in which Markdown finds nothing."""
    return clean_line(text).strip().translate(_PLAIN)


def _attribute(text: str) -> str:
    return _prose(text).replace('"', "'")


def _quoted(text: str) -> str:
    """Return text as a YAML string."""
    return "'" + text.replace("'", "''") + "'"
