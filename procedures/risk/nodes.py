"""The grammar's nodes as words: their text after quote removal, as far as it is known."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from procedures.risk.words import HOLE, Word

if TYPE_CHECKING:
    from tree_sitter import Node

_LITERALS = {"word", "number", "test_operator", "regex", "variable_name"}
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


_FOREIGN = re.compile(r"[^\x00-\x7f]")
_STAND_IN = re.compile(r"\x02([0-9a-f]+)\x03")


def source_of(script: str) -> bytes:
    """Return ``script`` as the parser may be given it: signs beyond ASCII have a stand-in.

    The grammar's scanner looks such signs up in C's table of 256 characters, past whose end it
    reads what it may not: ``{`` before an emoji would end the interpreter. To bash they are plain
    parts of words, as control characters are to the grammar.
    """
    return _FOREIGN.sub(lambda sign: f"\x02{ord(sign[0]):x}\x03", script).encode("ascii")


def text_of(node: "Node") -> str:
    """Return the source text of ``node``."""
    return original_of(node.text or b"")


def original_of(source: bytes) -> str:
    """Return the text that :func:`source_of` made ``source`` from."""
    text = source.decode("ascii", "replace")
    return _STAND_IN.sub(lambda sign: chr(int(sign[1], 16)), text) if "\x02" in text else text


def word_of(node: "Node") -> Word:
    """Return the word that ``node`` stands for."""
    text = "".join(_pieces(node))
    return Word(text=text, loose=_is_loose(node))


def _is_loose(node: "Node") -> bool:
    if node.type == "concatenation":
        return _is_brace_list(text_of(node)) or any(_is_loose(child) for child in node.children)
    if node.type == "word":
        return _is_brace_list(text_of(node))
    return node.type in _EXPANSIONS


def _is_brace_list(text: str) -> bool:
    lists = re.findall(r"\{[^{}]*+\}", re.sub(r"(?s)\\.", "", text))
    return any("," in each or ".." in each for each in lists)


def _pieces(node: "Node") -> Iterator[str]:
    """Yield the text of a word piece by piece, as it is after quote removal."""
    text = text_of(node)
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
        yield original_of(source[position:start])
        yield _leading_blanks(child)
        yield from _pieces(child)
        position = child.end_byte - node.start_byte
    yield original_of(source[position:-1])


def _leading_blanks(node: "Node") -> str:
    text = text_of(node)
    return text[: len(text) - len(text.lstrip())] if node.type in _EXPANSIONS else ""
