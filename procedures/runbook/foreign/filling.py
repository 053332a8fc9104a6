"""A command whose placeholders become references to variables, where the shell lets them.

The grammar tells in which kind of quotes each one stands. What it cannot tell is not rewritten,
and such a command is not run.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from procedures.risk.syntax import syntax_of
from procedures.runbook.foreign.grammar import root_of
from procedures.runbook.foreign.masking import Masked, masked
from procedures.runbook.foreign.naming import Naming
from procedures.runbook.foreign.placeholders import Placeholder

if TYPE_CHECKING:
    from tree_sitter import Node

_UNSAFE = frozenset(
    {"ansi_c_string", "translated_string", "regex", "arithmetic_expansion", "expansion", "number",
     "variable_name", "subscript", "extglob_pattern", "function_definition", "test_operator",
     "c_style_for_statement", "special_variable_name", "heredoc_start", "heredoc_end"}
)  # fmt: skip
_BARE = frozenset({"word", "command_name", "concatenation"})
_HERE = frozenset({"heredoc_body", "heredoc_content"})
_PLACES = _BARE | _HERE | {"raw_string", "string", "string_content"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A command ready for its inputs.

    Attributes:
        script: With ``"$pod_name"`` in place of ``<pod-name>``.
        fault: Why it cannot be run instead; empty if it can.
    """

    script: str
    fault: str = ""


class _UnsafeError(Exception):
    """A placeholder stands where no variable may."""


def filled(script: str, naming: Naming) -> Filled:
    """Return ``script`` with its placeholders as variables; ``naming`` learns of their inputs."""
    mask = masked(script)
    if not mask.placeholders:
        return Filled(script=script)
    try:
        pieces, used = _replacements(mask, naming)
    except _UnsafeError as error:
        return Filled(script=script, fault=str(error))
    text = mask.text
    for token, piece in zip(mask.tokens, pieces, strict=True):
        text = text.replace(token, piece, 1)
    if used and not _holds(text, used):
        return Filled(script=script, fault="its placeholders cannot be made variables")
    for name, placeholder in used:
        naming.use(name, placeholder)
    return Filled(script=text)


def _replacements(mask: Masked, naming: Naming) -> tuple[list[str], list[tuple[str, str]]]:
    root = root_of(mask.text)
    source = mask.text.encode("utf-8", "replace")
    pieces: list[str] = []
    used: list[tuple[str, str]] = []
    position = 0
    for token, each in zip(mask.tokens, mask.placeholders, strict=True):
        position = source.index(token.encode(), position)
        after = source[position + len(token) : position + len(token) + 1]
        node = root.descendant_for_byte_range(position, position + len(token))
        name = naming.name_of(each.name)
        piece = _piece(node, each, name, is_joined=after.isalnum() or after == b"_")
        pieces.append(piece)
        if piece != each.text:
            used.append((name, each.text))
    if used and root.has_error:
        raise _UnsafeError("it cannot be parsed, and holds placeholders")
    return pieces, used


def _piece(node: "Node | None", each: Placeholder, name: str, *, is_joined: bool) -> str:
    """Return what replaces a placeholder that stands in ``node``: itself in a comment."""
    around = [*_ancestors(node)]
    if any(outer.type == "comment" for outer in around):
        return each.text
    inner = [*itertools.takewhile(lambda outer: outer.type != "command_substitution", around)]
    place = next((outer for outer in inner if outer.type in _PLACES), None)
    if place is None or any(outer.type in _UNSAFE for outer in inner):
        raise _UnsafeError(f"{each.text} stands where no variable may")
    if any(_is_backquoted(outer) for outer in around):
        raise _UnsafeError(f"{each.text} stands within backquotes")
    if place.type in _BARE:
        if each.is_ambiguous:
            raise _UnsafeError(f"{each.text} may be a placeholder or two redirections")
        return f'"${name}"'
    if each.is_markup:
        return each.text
    return _within(place, each, name, is_joined=is_joined)


def _within(place: "Node", each: Placeholder, name: str, *, is_joined: bool) -> str:
    """Return what replaces a placeholder within quotes or a here-document."""
    if place.type == "raw_string":
        return f"'\"${name}\"'"
    if place.type in _HERE and _is_literal(place):
        raise _UnsafeError(f"{each.text} stands in a quoted here-document")
    return f"${{{name}}}" if is_joined else f"${name}"


def _ancestors(node: "Node | None") -> "Iterator[Node]":
    while node is not None:
        yield node
        node = node.parent


def _is_backquoted(node: "Node") -> bool:
    return node.type == "command_substitution" and (node.text or b"").startswith(b"`")


def _is_literal(place: "Node") -> bool:
    """Tell whether the shell takes the here-document around ``place`` as it is."""
    document = next((node for node in _ancestors(place) if node.type == "heredoc_redirect"), None)
    children = document.children if document is not None else []
    starts = [child.text or b"" for child in children if child.type == "heredoc_start"]
    return not starts or any(mark in starts[0] for mark in (b"'", b'"', b"\\"))


def _holds(script: str, used: list[tuple[str, str]]) -> bool:
    """Tell whether the shell will see exactly the references that were written into ``script``."""
    if syntax_of(script).unreadable:
        return False
    names = {name for name, _ in used}
    seen = 0
    stack = [root_of(script)]
    while stack:
        node = stack.pop()
        if node.type == "variable_name" and (node.text or b"").decode("utf-8", "replace") in names:
            parent = node.parent
            seen += parent is not None and parent.type in ("simple_expansion", "expansion")
        stack += node.children
    return seen >= len(used)
