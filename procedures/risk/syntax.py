"""A shell script as its simple commands, redirections and assignments, by tree-sitter's grammar.

Nothing here judges. What the grammar cannot tell apart from bash's own reading is reported as
unreadable, never guessed.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from procedures.risk.heredocs import heredoc_of
from procedures.risk.nodes import source_of, text_of, word_of
from procedures.risk.words import Word

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_DEEPEST = 60
_MISREAD = {
    r"[^\s\\]\\\n[^\s]": "a word that continues on the next line",
    r"\\[ \t]+#": "an escaped space before a comment sign",
}
"""What the grammar reads in another way than bash, as text."""

_PLAIN = {"word", "regex", "string_content", "heredoc_body", "heredoc_content", "extglob_pattern"}
SUBSTITUTION = re.compile(r"(?<!\\)(?:`|[$<>]\()")
"""The opening of a command within a word."""

_EVALUATED = {"test_command", "arithmetic_expansion", "subscript", "declaration_command",
              "unset_command"}  # fmt: skip
"""Where quotes do not keep the shell from evaluating the index of an array."""

_FREE = {"command", "command_name", "file_redirect", "variable_assignment", "array",
         "for_statement", "declaration_command", "unset_command"}  # fmt: skip
"""Where words stand that are separated by blanks."""

_UNBROKEN = re.compile(r"(?:\\.|[^\s\\])*+\\?", re.DOTALL)
_ESCAPED_IN_BACKTICKS = re.compile(r"\s*+`.*?\\[$`\\\"]", re.DOTALL)
_NOT_EVALUATED = {"variable_assignment", "command_substitution", "process_substitution"}

_MOST_OF = {"(": 2000, "<<": 1000, ">&": 2000}
"""The parser's time grows with the square of these."""

_USUAL = re.compile(r"[\x20-\x7e\t\n]*+")
_NAMED = re.compile(r"(?:\s|\\\n)*\$\S+")
"""Between double quotes the grammar counts the blanks before an expansion to its dollar sign."""


class _Place(NamedTuple):
    """A node on the way through the tree, with what is to be known of those above it."""

    node: "Node"
    depth: int = 0
    is_quoted: bool = False
    is_evaluated: bool = False
    is_free: bool = False
    given: str | None = None

    def children(self) -> "list[_Place]":
        """Return what lies in the node and is evaluated by the shell."""
        node, kind = self.node, self.node.type
        given = heredoc_of(node) if kind == "redirected_statement" else None
        is_quoted = kind == "string"
        is_free = kind in _FREE or (self.is_free and kind == "concatenation")
        is_evaluated = kind in _EVALUATED or (self.is_evaluated and kind not in _NOT_EVALUATED)
        return [
            _Place(
                child,
                self.depth + 1,
                is_quoted,
                is_evaluated,
                is_free,
                given if child.type == "command" else None,
            )
            for child in _alive(node)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One simple command.

    Attributes:
        words: The name first.
        text: Its source.
        given: What it reads from standard input, where the script shows that.
    """

    words: tuple[Word, ...]
    text: str
    given: str | None = None


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
    is_usual = _USUAL.fullmatch(script) is not None
    if odd := "" if is_usual else next((char for char in script if _is_odd(char)), ""):
        syntax.unreadable.append((repr(odd), "an unusual control character or space"))
        return syntax
    for pattern, reason in _MISREAD.items():
        if found := re.search(pattern, script):
            syntax.unreadable.append((found[0], reason))
    for mark, most in _MOST_OF.items():
        if script.count(mark) > most:
            syntax.unreadable.append((script.strip()[:80], f"more '{mark}' than can be followed"))
            return syntax
    root = _parser().parse(source_of(script)).root_node
    if root.has_error:
        syntax.unreadable.append((script.strip()[:80], "the shell text cannot be parsed"))
    stack = [_Place(root)]
    while stack:
        place = stack.pop()
        if place.depth > _DEEPEST:
            syntax.unreadable.append((text_of(place.node)[:80], "nested too deeply"))
            continue
        _read_node(place, syntax)
        _examine(place, syntax)
        stack += reversed(place.children())
    return syntax


def _alive(node: "Node") -> list["Node"]:
    """Return the children that the shell evaluates: the body of a quoted here-document is text."""
    children = node.named_children
    if node.type == "heredoc_redirect":
        starts = [text_of(child) for child in children if child.type == "heredoc_start"]
        if any(re.search(r"['\"\\]", start) for start in starts):
            return [child for child in children if child.type != "heredoc_body"]
    return children


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


def _read_node(place: _Place, syntax: Syntax) -> None:
    node = place.node
    match node.type:
        case "command":
            syntax.calls.append(_call(node, place.given))
        case "declaration_command" | "unset_command":
            operands = [word_of(child) for child in node.named_children]
            words = (Word(text=node.children[0].type), *operands)
            syntax.calls.append(Call(words=words, text=text_of(node)))
            syntax.assigned += [_assigned_name(child) for child in node.named_children]
        case "file_redirect":
            syntax.redirects.append(_redirect(node))
        case "variable_assignment":
            syntax.assigned.append(_assigned_name(node))
        case "for_statement":
            variable = node.child_by_field_name("variable")
            syntax.assigned.append(text_of(variable) if variable is not None else "")
        case "function_definition":
            defined = node.child_by_field_name("name")
            if defined is not None:
                syntax.functions.add(text_of(defined))


def _assigned_name(node: "Node") -> str:
    text = text_of(node) if node.type == "variable_assignment" else word_of(node).text
    return re.split(r"[+=\[]", text, maxsplit=1)[0]


def _examine(place: _Place, syntax: Syntax) -> None:
    """Note what the grammar lets pass and bash reads in another way."""
    node = place.node
    text = text_of(node)
    if node.type == "expansion" and re.search(r"@[A-Za-z]\}$", text):
        syntax.unreadable.append((text, "an expansion that may run what it holds"))
    elif node.type in _PLAIN and not node.named_children and SUBSTITUTION.search(text):
        syntax.unreadable.append((text, "a substitution that cannot be parsed"))
    elif place.is_evaluated and node.type == "raw_string" and SUBSTITUTION.search(text):
        syntax.unreadable.append((text, "a text that the shell evaluates"))
    elif place.is_free and node.type == "word" and not _UNBROKEN.fullmatch(text):
        syntax.unreadable.append((text.strip(), "a word that begins on another line, or a blank"))
    elif node.type == "command_substitution" and _ESCAPED_IN_BACKTICKS.match(text):
        syntax.unreadable.append((text, "an escaped sign within backticks"))
    elif node.type == "compound_statement" and re.match(r"\{\S", text):
        syntax.unreadable.append((text, "a brace that opens no group"))
    elif node.type == "simple_expansion" and not (
        _NAMED.fullmatch(text) if place.is_quoted else re.fullmatch(r"\S+", text)
    ):
        syntax.unreadable.append((text, "a dollar sign without a name"))
    elif len(node.children_by_field_name("destination")) > 1 or (
        node.type == "heredoc_redirect" and node.children_by_field_name("argument")
    ):
        # The grammar counts the words behind the file as files; to bash they are arguments.
        syntax.unreadable.append((text, "words that follow a redirection"))


def _call(node: "Node", given: str | None) -> Call:
    words: list[Word] = []
    for child in node.named_children:
        if child.type == "herestring_redirect":
            herestrings = [word_of(each) for each in child.named_children[-1:]]
            given = next((each.text for each in herestrings if each.fixed), None)
        elif child.type == "file_redirect" and any("<" in each.type for each in child.children):
            given = None
        elif child.type == "command_name":
            words.append(word_of(child.children[0]))
        elif child.type not in ("variable_assignment", "file_redirect"):
            words.append(word_of(child))
    return Call(words=tuple(words), text=text_of(node), given=given)


def _redirect(node: "Node") -> Redirect:
    operators = [child.type for child in node.children if not child.is_named]
    target = node.child_by_field_name("destination")
    return Redirect(
        operator=operators[0] if operators else "",
        target=word_of(target) if target is not None else Word(text=""),
        text=text_of(node),
    )
