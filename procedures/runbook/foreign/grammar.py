"""Where in a shell text something stands, by tree-sitter's grammar."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_LONGEST = 20_000
_MOST_REDIRECTIONS = 200


def is_bounded(script: str) -> bool:
    """Tell whether the grammar reads ``script`` in no time.

    Its time grows with the square of the number of redirections and here-documents.
    """
    return len(script) <= _LONGEST and script.count("<") <= _MOST_REDIRECTIONS


def root_of(script: str) -> "Node":
    """Return the root of the syntax tree of ``script``, which :func:`is_bounded`."""
    return _parser().parse(script.encode("utf-8", "replace")).root_node


@cache
def _parser() -> "Parser":
    # Imported here: the grammar is a shared library of 1 MB that most starts never need.
    import tree_sitter_bash
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_bash.language()))
