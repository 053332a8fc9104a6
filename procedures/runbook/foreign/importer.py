"""Any Markdown runbook becomes a procedure, with notes on what was not understood of it.

Nothing in a foreign document is trusted: the risk analysis alone decides how dangerous a command
is. No command is lost: what cannot be run is shown.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from procedures.environment import Method
from procedures.errors import Problem
from procedures.runbook.foreign.actions import ActionReader
from procedures.runbook.foreign.assembly import (
    READ_AND_DO,
    Assembler,
    first_sentence,
    kebab,
    title_of,
)
from procedures.runbook.foreign.bounds import LONGEST_DOCUMENT, lines_to_read
from procedures.runbook.foreign.heads import read_head
from procedures.runbook.foreign.markdown import looks_like_mdx, tokens_of
from procedures.runbook.foreign.naming import Naming
from procedures.runbook.foreign.notes import Notes
from procedures.runbook.foreign.pieces import Kind, Piece, shown_fence
from procedures.runbook.foreign.reading import PieceReader
from procedures.runbook.foreign.sections import outline_of
from procedures.runbook.model import Input, Item, Phase, Procedure, Step

_REFERENCE = re.compile(r"\$\{?([a-z]\w*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of a foreign document.

    Attributes:
        procedure: None if there is nothing in it, or far too much.
        notes: What was not understood, by line.
    """

    procedure: Procedure | None
    notes: tuple[Problem, ...]


def read_foreign(text: str, path: Path) -> Imported:
    """Return the procedure that any Markdown describes; never raises.

    Args:
        text: The whole document.
        path: Where it was read: its name gives the id, its folder the theme.
    """
    notes = Notes()
    if len(text) > LONGEST_DOCUMENT:
        notes.add(1, "the document is too long for a runbook", "Split it")
        return Imported(procedure=None, notes=notes.found)
    head = read_head(re.sub(r"\r\n?", "\n", text), notes)
    if not head.body.strip():
        notes.add(1, "the document is empty", "Write what is to be done")
        return Imported(procedure=None, notes=notes.found)
    naming = Naming(head.body)
    outline = outline_of(_pieces(head.body, path, notes))
    title = head.title or title_of(path.stem, outline)
    assembler = Assembler(title, ActionReader(naming, notes), notes)
    phases = assembler.phases(outline) or _to_be_read(title)
    procedure = Procedure(
        id=kebab(path.stem) or "runbook",
        title=title,
        path=path,
        digest=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        source=text,
        theme=kebab(path.parent.name),
        summary=head.summary or first_sentence(assembler.intro),
        when=head.when,
        severity=head.severity,
        duration=head.duration,
        roles=head.roles,
        methods=_methods(phases),
        inputs=_used(naming, phases),
        intro="\n\n".join([*assembler.intro, *head.told]),
        phases=phases,
    )
    return Imported(procedure=procedure, notes=notes.found)


def _pieces(body: str, path: Path, notes: Notes) -> list[Piece]:
    """Return the pieces of ``body``; what is beyond all bounds is one text."""
    lines = body.split("\n")
    count = lines_to_read(lines)
    readable = "\n".join(lines[:count]).rstrip("\n") + "\n"
    mdx = path.suffix == ".mdx" or looks_like_mdx(body)
    pieces = list(PieceReader(lines[:count], notes).read(tokens_of(readable, mdx=mdx)))
    if rest := "\n".join(lines[count:]).strip("\n"):
        notes.add(count + 1, "the document is too long to be read from here on", "Split it")
        text = shown_fence(rest, "markdown")
        pieces.append(Piece(kind=Kind.TEXT, line=count + 1, text=text))
    return pieces


def _methods(phases: tuple[Phase, ...]) -> tuple[Method, ...]:
    """Return what the document is for: any method, if one of its commands is, or if it has none.

    Where every command is some method's, a walk by another would pass its steps by doing nothing.
    """
    commands = [command for phase in phases for step in phase.steps for command in step.commands]
    named = {method for command in commands for method in command.methods}
    if not named or any(not command.methods for command in commands):
        return tuple(Method)
    return tuple(method for method in Method if method in named)


def _used(naming: Naming, phases: tuple[Phase, ...]) -> MappingProxyType[str, Input]:
    """Return those inputs that a command refers to: one that is only shown asks for nothing."""
    scripts = (
        command.script for phase in phases for step in phase.steps for command in step.commands
    )
    names = {name for script in scripts for name in _REFERENCE.findall(script)}
    return MappingProxyType({name: each for name, each in naming.inputs.items() if name in names})


def _to_be_read(title: str) -> tuple[Phase, ...]:
    """Return the phase of a document that has no step: to read it."""
    item = Item(text=READ_AND_DO, line=1)
    step = Step(id="read", title=title, line=1, items=(item,))
    return (Phase(title=title, line=1, steps=(step,)),)
