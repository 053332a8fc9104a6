"""A command with words of letters in place of its placeholders, so that a grammar can read it."""

from collections.abc import Sequence
from dataclasses import dataclass

from procedures.runbook.foreign.placeholders import Placeholder, placeholders_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """A command and its masked form, which has the same lines.

    Attributes:
        text: The masked form.
        placeholders: What was masked, in order.
        tokens: What stands for each of them.
    """

    text: str
    placeholders: Sequence[Placeholder] = ()
    tokens: Sequence[str] = ()


def masked(script: str) -> Masked:
    """Return ``script`` with its placeholders masked."""
    found = placeholders_of(script)
    if not found:
        return Masked(text=script)
    mark = next(mark for mark in _marks() if mark not in script)
    pieces: list[str] = []
    tokens: list[str] = []
    position = 0
    for number, each in enumerate(found):
        tokens.append(f"{mark}{number:05d}{mark}")
        pieces += [script[position : each.start], tokens[-1]]
        position = each.end
    return Masked(text="".join([*pieces, script[position:]]), placeholders=found, tokens=tokens)


def _marks() -> "Sequence[str]":
    return [f"q{letter}x" for letter in "zjkvwybdfghlmnprst"] + ["qzxjkvwyb" * 4]
