"""Which lines of a script stand at its top: comments, blank lines, and those of its commands."""

from dataclasses import dataclass

from procedures.runbook.foreign.grammar import root_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Lines by their numbers, from 0; a line in neither set is blank and inside nothing.

    Attributes:
        comments: Text of each line that is only a comment, outside every command.
        occupied: Lines of commands, with their here-documents.
    """

    comments: dict[int, str]
    occupied: frozenset[int]


def layout_of(script: str) -> Layout | None:
    """Return the layout of ``script``, placeholders masked; None if it cannot be parsed."""
    root = root_of(script)
    if root.has_error:
        return None
    source = script.encode("utf-8", "replace")
    comments: dict[int, str] = {}
    occupied: set[int] = set()
    for child in root.children:
        first, last = child.start_point.row, child.end_point.row
        if child.end_point.column == 0 and last > first:
            last -= 1
        if child.type == "comment":
            comments[first] = source[child.start_byte : child.end_byte].decode("utf-8", "replace")
        elif child.is_named:
            occupied.update(range(first, last + 1))
    alone = {row: text for row, text in comments.items() if row not in occupied}
    return Layout(comments=alone, occupied=frozenset(occupied))
