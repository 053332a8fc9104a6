"""A fence of commands becomes what a step may run, and what it only shows."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace

from procedures.environment import Method
from procedures.reference.levels import Level, highest
from procedures.runbook.foreign.filling import filled
from procedures.runbook.foreign.grammar import is_bounded
from procedures.runbook.foreign.judging import Judge, is_known
from procedures.runbook.foreign.masking import masked
from procedures.runbook.foreign.naming import Naming
from procedures.runbook.foreign.notes import Notes
from procedures.runbook.foreign.openings import Role, read_opening, role_of
from procedures.runbook.foreign.pieces import Piece, shown_fence
from procedures.runbook.foreign.placeholders import placeholders_of
from procedures.runbook.foreign.shell_parts import Part, is_to_be_cut, parts_of
from procedures.runbook.foreign.transcripts import read_transcript
from procedures.runbook.model import Command

_WITH_A_KEYBOARD = {
    "background": "stays behind, which no step's command can",
    "interactive": "asks for a keyboard, and a step has none",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What one part of a fence is.

    Attributes:
        title: What its numbered comment says; may be empty.
        commands: For methods that do not overlap; empty if nothing of it can be run.
        shown: Markdown of what is not run: alternatives, and what cannot be made safe.
        printed: Lines that a transcript shows as output.
        source: Markdown of all of it, for showing it instead.
        by_hand: Whether it is a command that the operator must run without the console.
    """

    line: int
    title: str = ""
    commands: tuple[Command, ...] = ()
    shown: tuple[str, ...] = ()
    printed: tuple[str, ...] = ()
    source: str = ""
    by_hand: bool = False


class ActionReader:
    """Reads the fences of one document."""

    def __init__(self, naming: Naming, notes: Notes) -> None:
        self._naming = naming
        self._notes = notes
        self._judge = Judge()
        self._is_exhausted = False

    def read(self, fence: Piece) -> list[Action]:
        """Return the parts of ``fence``; empty if it holds no commands."""
        opening = read_opening(fence.info)
        role = role_of(opening.language, fence.text)
        if role is Role.SHOWN:
            return []
        if fault := _fault(fence, opening.attributes):
            self._notes.add(fence.line, f"a command is only shown: {fault}", _FIXES.get(fault, ""))
            return [_only_shown(fence, opening.language, by_hand=not fence.is_quoted)]
        script = fence.text
        printed: tuple[str, ...] = ()
        if role is Role.TRANSCRIPT:
            script, printed = self._typed(fence)
        if not any(line.strip() and line.lstrip()[0] != "#" for line in script.split("\n")):
            return [_only_shown(fence, opening.language)]
        allowed = self._judge.allows(script)
        if not allowed and (is_to_be_cut(script) or placeholders_of(script)):
            fault = "the document is too long to analyse it"
            self._notes.add(fence.line, f"a command is only shown: {fault}", "Split the document")
            return [_only_shown(fence, opening.language, by_hand=True)]
        if not allowed and not self._is_exhausted:
            self._is_exhausted = True
            text = "from here on commands count as destructive: they are too many to analyse"
            self._notes.add(fence.line, text, "Split the document")
        parts = parts_of(script) if allowed else [Part(script=script)]
        actions = [self._action(part, fence, opening.attributes, allowed) for part in parts]
        actions[0] = replace(actions[0], printed=printed)
        return actions

    def _typed(self, fence: Piece) -> tuple[str, tuple[str, ...]]:
        """Return what was typed and printed; without any prompt it must be known commands."""
        transcript = read_transcript(fence.text)
        if transcript.script or not fence.text.strip():
            return transcript.script, transcript.printed
        if self._judge.allows(fence.text) and is_known(masked(fence.text).text):
            return fence.text, ()
        self._notes.add(
            fence.line,
            "a transcript without a prompt is only shown",
            "Begin what is typed with '$ '",
        )
        return "", ()

    def _action(
        self, part: Part, fence: Piece, attributes: Mapping[str, str], allowed: bool
    ) -> Action:
        if part.remark:
            self._notes.add(fence.line + part.offset, part.remark, "Give each a fence of its own")
        if part.fault:
            self._tell(part.fault, fence.line + part.offset)
            text = _shown(part)
            return Action(
                line=fence.line + part.offset,
                title=part.title,
                shown=(text,),
                source=text,
                by_hand=True,
            )
        commands: list[Command] = []
        shown: list[str] = []
        for way in (part, *part.alternatives):
            command = self._command(way, fence, attributes, allowed)
            if command is None:
                shown.append(_shown(way))
            elif fitting := _beside(command, commands):
                commands.append(fitting)
            else:
                shown.append(_shown(way))
        return Action(
            line=fence.line + part.offset,
            title=part.title,
            commands=_told_apart(commands),
            shown=tuple(shown),
            source=_shown(part),
            by_hand=not commands,
        )

    def _command(
        self, part: Part, fence: Piece, attributes: Mapping[str, str], allowed: bool
    ) -> Command | None:
        """Return the command that ``part`` is; None, with a note, if it cannot be made safe."""
        line = fence.line + part.offset
        fill = filled(part.script.rstrip("\n"), self._naming)
        if fill.fault:
            self._tell(fill.fault, line)
            return None
        found = self._judge.judge(fill.script, allowed=allowed)
        declared = [each for each in Level if each.value == attributes.get("level")]
        own = tuple(each for each in Method if each.value == attributes.get("method"))
        return Command(
            script=fill.script,
            line=line,
            methods=own or found.methods,
            level=highest(found.level, *declared),
            affects=found.reasons,
            name=attributes.get("name", ""),
        )

    def _tell(self, fault: str, line: int) -> None:
        self._notes.add(line, f"a command is only shown: {fault}", "Run it by hand, or rewrite it")


_FIXES = {
    "it stands in a quote": "Move it to the margin",
    "its fence is never closed": "End it with a line of ```",
}


def _fault(fence: Piece, attributes: Mapping[str, str]) -> str:
    """Return why nothing of a fence may be run; empty if something may."""
    if fence.is_quoted:
        return "it stands in a quote"
    if not fence.closed:
        return "its fence is never closed"
    if any(_is_unprintable(char) for char in set(fence.text)):
        return "it holds control characters"
    if not is_bounded(fence.text):
        return "it is too long to analyse"
    for name, reason in _WITH_A_KEYBOARD.items():
        if attributes.get(name) == "true":
            return f"it {reason}"
    return ""


def _is_unprintable(char: str) -> bool:
    return char not in "\n\t" and not char.isprintable() and unicodedata.category(char) != "Zs"


def _only_shown(fence: Piece, language: str, *, by_hand: bool = False) -> Action:
    text = shown_fence(fence.text, language)
    return Action(line=fence.line, shown=(text,), source=text, by_hand=by_hand)


def _shown(part: Part) -> str:
    ways = "\n".join([part.script, *(each.script for each in part.alternatives)])
    return shown_fence(ways.strip("\n"), "sh")


def _beside(command: Command, commands: list[Command]) -> Command | None:
    """Return ``command`` if no earlier one can be meant where it is; one without method is last."""
    taken = {method for each in commands for method in each.methods}
    if any(not each.methods for each in commands) and not command.methods:
        return None
    return None if taken & {*command.methods} else command


def _told_apart(commands: list[Command]) -> tuple[Command, ...]:
    """Give a command for any method those methods that the others leave."""
    if len(commands) < 2:
        return tuple(commands)
    taken = {method for each in commands for method in each.methods}
    left = tuple(method for method in Method if method not in taken)
    return tuple(each if each.methods else replace(each, methods=left) for each in commands)
