"""Whether a document is one of ours, or a plain runbook."""

import re

_KEY = re.compile(r"(?P<key>[\w-]+)[ \t]*:")
_OF_SITES = frozenset(
    {"sidebar_label", "sidebar_position", "pagination_label", "pagination_next", "slug",
     "hide_title", "hide_table_of_contents", "custom_edit_url", "layout", "permalink"}
)  # fmt: skip
"""Keys of site generators, which have an ``id`` of their own."""


def is_foreign(text: str) -> bool:
    """Tell whether the head of ``text`` lacks the ``id`` that every procedure of ours has."""
    first, *lines = text[:20_000].removeprefix("\ufeff").splitlines() or [""]
    if first.rstrip() != "---":
        return True
    keys: set[str] = set()
    for line in lines:
        if line.rstrip() == "---":
            break
        if match := _KEY.match(line):
            keys.add(match["key"])
    return "id" not in keys or bool(keys & _OF_SITES)
