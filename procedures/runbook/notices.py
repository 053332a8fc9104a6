"""A quote that begins with ``[!CAUTION]`` is a notice; any other quote is prose."""

import re

from procedures.runbook.blocks import Block
from procedures.runbook.model import Notice
from procedures.runbook.problems import Problems, nearest

KINDS = ("note", "tip", "important", "warning", "caution")

_MARK = re.compile(r"\[!(?P<kind>[^\]]*)\][ \t]*(?P<text>.*)", re.DOTALL)


def notice_of(block: Block, problems: Problems) -> Notice | None:
    """Return the notice that a quote is; None if it is a plain quote."""
    unquoted = "\n".join(re.sub(r"^\s*> ?", "", line) for line in block.source.split("\n"))
    match = _MARK.match(unquoted)
    if match is None:
        return None
    kind, text = match["kind"].strip().lower(), match["text"].strip()
    if kind not in KINDS:
        problems.add(block.line, f"unknown notice '[!{kind.upper()}]'", nearest(kind, KINDS))
    if not text:
        problems.add(block.line, "the notice is empty", "Say what the operator must know")
    return Notice(kind=kind, text=text, line=block.line)
