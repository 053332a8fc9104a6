"""A shell script as its simple commands, redirections and assignments, by tree-sitter's grammar.

Nothing here judges. What the grammar cannot tell apart from bash's own reading is reported as
unreadable, never guessed.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from procedures.risk.words import HOLE, Word

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_DEEPEST = 60
_MISREAD = {
    r"[^\s\\]\\\n[^\s]": "a word that continues on the next line",
    r"\\[ \t]+#": "an escaped space before a comment sign",
}
"""What the grammar reads in another way than bash, as text."""

_PLAIN = {"word", "regex", "string_content", "heredoc_body", "heredoc_content", "extglob_pattern"}
_LITERALS = {"word", "number", "test_operator", "regex", "variable_name"}
_SUBSTITUTION = re.compile(r"(?<!\\)(?:`|[$<>]\()")
_EXPANSIONS = {
    "simple_expansion",
    "expansion",
    "command_substitution",
    "process_substitution",
    "arithmetic_expansion",
    "brace_expression",
    "extglob_pattern",
    "special_variable_name",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One simple command: its words, the name first, and its source text."""

    words: tuple[Word, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """One redirection to or from a file."""

    operator: str
    target: Word
    text: str


@dataclass(slots=True, kw_only=True)
class Syntax:
    """What a script consists of, in the order of its text as far as nesting allows.

    Attributes:
        assigned: Names of variables that are set.
        functions: Names of functions that are defined; their bodies are among the calls.
        unreadable: Text and reason of what cannot be told.
    """

    calls: list[Call] = field(default_factory=list)
    redirects: list[Redirect] = field(default_factory=list)
    assigned: list[str] = field(default_factory=list)
    functions: set[str] = field(default_factory=set)
    unreadable: list[tuple[str, str]] = field(default_factory=list)


def syntax_of(script: str) -> Syntax:
    """Return the parts of ``script``; never raises."""
    syntax = Syntax()
    if odd := next((char for char in script if _is_odd(char)), ""):
        syntax.unreadable.append((repr(odd), "an unusual control character or space"))
        return syntax
    for pattern, reason in _MISREAD.items():
        if found := re.search(pattern, script):
            syntax.unreadable.append((found[0], reason))
    root = _parser().parse(script.encode("utf-8", "replace")).root_node
    if root.has_error:
        syntax.unreadable.append((script.strip()[:80], "the shell text cannot be parsed"))
    stack = [(root, 0)]
    while stack:
        node, depth = stack.pop()
        if depth > _DEEPEST:
            syntax.unreadable.append((_text(node)[:80], "nested too deeply"))
            continue
        _read_node(node, syntax)
        _examine(node, syntax)
        stack += [(child, depth + 1) for child in reversed(_alive(node))]
    return syntax


def _alive(node: "Node") -> list["Node"]:
    """Return the children that the shell evaluates: the body of a quoted here-document is text."""
    starts = [_text(child) for child in node.children if child.type == "heredoc_start"]
    if any(re.search(r"['\"\\]", start) for start in starts):
        return [child for child in node.children if child.type != "heredoc_body"]
    return list(node.children)


@cache
def _parser() -> "Parser":
    # Imported here: the grammar is a shared library of 1 MB that most starts never need.
    import tree_sitter_bash
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_bash.language()))


def _is_odd(char: str) -> bool:
    """Tell whether grammar and bash might disagree on a character being a separator."""
    if char in " \t\n":
        return False
    return char.isspace() or unicodedata.category(char) in ("Cc", "Cf", "Zs", "Zl", "Zp", "Cs")


def _read_node(node: "Node", syntax: Syntax) -> None:
    match node.type:
        case "command":
            syntax.calls.append(_call(node))
        case "declaration_command" | "unset_command":
            syntax.calls.append(Call(words=(Word(text=_first_word(node)),), text=_text(node)))
        case "file_redirect":
            syntax.redirects.append(_redirect(node))
        case "variable_assignment":
            syntax.assigned.append(re.split(r"[+=\[]", _text(node), maxsplit=1)[0])
        case "function_definition":
            name = node.child_by_field_name("name")
            if name is not None:
                syntax.functions.add(_text(name))


def _examine(node: "Node", syntax: Syntax) -> None:
    """Note what the grammar lets pass and bash reads in another way."""
    text = _text(node)
    if node.type == "expansion" and re.search(r"@[A-Za-z]\}$", text):
        syntax.unreadable.append((text, "an expansion that may run what it holds"))
    elif node.type in _PLAIN and not node.named_children and _SUBSTITUTION.search(text):
        syntax.unreadable.append((text, "a substitution that cannot be parsed"))
    elif node.type == "compound_statement" and re.match(r"\{\S", text):
        syntax.unreadable.append((text, "a brace that opens no group"))
    elif node.type == "simple_expansion" and re.search(r"\s", text):
        syntax.unreadable.append((text, "a dollar sign without a name"))
    elif len(node.children_by_field_name("destination")) > 1 or (
        node.type == "heredoc_redirect" and node.children_by_field_name("argument")
    ):
        # The grammar counts the words behind the file as files; to bash they are arguments.
        syntax.unreadable.append((text, "words that follow a redirection"))


def _call(node: "Node") -> Call:
    words = [
        _word(child.children[0] if child.type == "command_name" else child)
        for child in node.named_children
        if child.type not in ("variable_assignment", "file_redirect", "herestring_redirect")
    ]
    return Call(words=tuple(words), text=_text(node))


def _first_word(node: "Node") -> str:
    return _text(node).split(maxsplit=1)[0]


def _redirect(node: "Node") -> Redirect:
    operators = [child.type for child in node.children if not child.is_named]
    target = node.child_by_field_name("destination")
    return Redirect(
        operator=operators[0] if operators else "",
        target=_word(target) if target is not None else Word(text=""),
        text=_text(node),
    )


def _word(node: "Node") -> Word:
    text = "".join(_pieces(node))
    return Word(text=text, loose=_is_loose(node))


def _is_loose(node: "Node") -> bool:
    if node.type == "concatenation":
        return _is_brace_list(_text(node)) or any(_is_loose(child) for child in node.children)
    if node.type == "word":
        return _is_brace_list(_text(node))
    return node.type in _EXPANSIONS


def _is_brace_list(text: str) -> bool:
    return re.search(r"\{[^{}]*(?:,|\.\.)[^{}]*\}", text) is not None


def _pieces(node: "Node") -> Iterator[str]:
    """Yield the text of a word piece by piece, as it is after quote removal."""
    text = _text(node)
    match node.type:
        case "string" | "translated_string":
            yield from _string_pieces(node)
        case "concatenation":
            yield HOLE if _is_loose(node) else ""
            for child in node.children:
                yield from _pieces(child)
        case "raw_string":
            yield text[1:-1]
        case "ansi_c_string":
            yield HOLE if "\\" in text else text[2:-1]
        case "string_content":
            yield re.sub(r'\\([$`"\\\n])', r"\1", text)
        case kind if kind in _LITERALS or (not node.is_named and kind not in _EXPANSIONS):
            yield HOLE if _is_loose(node) else re.sub(r"(?s)\\(.)", r"\1", text)
        case _:
            yield HOLE


def _string_pieces(node: "Node") -> Iterator[str]:
    """Yield what stands between double quotes; the grammar leaves some spaces out of its nodes."""
    source = node.text or b""
    position = source.find(b'"') + 1
    for child in node.named_children:
        start = child.start_byte - node.start_byte
        yield source[position:start].decode("utf-8", "replace")
        yield from _pieces(child)
        position = child.end_byte - node.start_byte
    yield source[position:-1].decode("utf-8", "replace")


def _text(node: "Node") -> str:
    return (node.text or b"").decode("utf-8", "replace")
