"""Where in a shell text something stands, by tree-sitter's grammar."""

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_FOREIGN = re.compile(rb"[\x80-\xff]")
_STAND_IN = b"\x02"
_LONGEST = 20_000
_MOST_REDIRECTIONS = 200


def is_bounded(script: str) -> bool:
    """Tell whether the grammar reads ``script`` in no time.

    Its time grows with the square of the number of redirections and here-documents.
    """
    return len(script) <= _LONGEST and script.count("<") <= _MOST_REDIRECTIONS


def root_of(script: str) -> "Node":
    """Return the root of the syntax tree of ``script``, which :func:`is_bounded`.

    Positions are those of the script's UTF-8 bytes. A node's own text has stand-ins for signs
    beyond ASCII: the grammar's scanner would read past its tables for them, and end the
    interpreter. To bash they are plain parts of words, as control characters are to the grammar.
    """
    source = _FOREIGN.sub(_STAND_IN, script.encode("utf-8", "replace"))
    return _parser().parse(source).root_node


@cache
def _parser() -> "Parser":
    # Imported here: the grammar is a shared library of 1 MB that most starts never need.
    import tree_sitter_bash
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_bash.language()))
