"""Here-documents whose text is known as it stands."""

import re
from typing import TYPE_CHECKING

from procedures.risk.nodes import text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_LITERAL_START = re.compile(r"(['\"])(\w+)\1")
_LIVE = re.compile(r"[$`\\]")


def heredoc_of(statement: "Node") -> str | None:
    """Return the here-document of a command with redirections; None if it is not all known."""
    redirects = statement.children_by_field_name("redirect")
    documents = [each for each in redirects if each.type == "heredoc_redirect"]
    if len(documents) != 1 or any(_reads_file(each) for each in redirects):
        return None
    parts = {child.type: child for child in documents[0].children}
    start, body = parts.get("heredoc_start"), parts.get("heredoc_body")
    if start is None or body is None or any(map(_reads_file, documents[0].children)):
        return None
    text = text_of(body)
    is_literal = _LITERAL_START.fullmatch(text_of(start)) or not _LIVE.search(text)
    return text if is_literal else None


def _reads_file(node: "Node") -> bool:
    return node.type == "file_redirect" and any("<" in child.type for child in node.children)
