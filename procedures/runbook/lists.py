"""Two kinds of lists have a meaning: items to tick, and the ways out of a decision."""

import re
from pathlib import PurePosixPath

from procedures.runbook.blocks import Block
from procedures.runbook.model import Choice, Item
from procedures.runbook.problems import Problems

_TASK = re.compile(r"\[(?P<mark>[ xX])\](?:\s+(?P<text>.*))?", re.DOTALL)
_CHOICE = re.compile(r"\*\*(?P<label>.+?)\*\*\s*(?:→|->)\s*(?P<rest>.*)", re.DOTALL)
_LINK = re.compile(r"\[(?P<text>[^\]]*)\]\((?P<address>[^)\s]*)\)")


def is_task_list(block: Block, problems: Problems) -> bool:
    """Tell whether the items are to be ticked; a list of both kinds is a problem."""
    tasks = [_TASK.fullmatch(text) is not None for _, text in block.items]
    if any(tasks) and not all(tasks):
        line = block.items[tasks.index(False)][0]
        problems.add(line, "an item without a box among items to tick", "Begin it with '- [ ]'")
    return any(tasks)


def items_of(block: Block, problems: Problems) -> list[Item]:
    """Return the items to tick of a task list."""
    items = []
    for line, text in block.items:
        if match := _TASK.fullmatch(text):
            if match["mark"] != " ":
                problems.add(line, "an item that is ticked already", "Begin it with '- [ ]'")
            if not match["text"]:
                problems.add(line, "an item without a text", "Say what is to be done")
            items.append(Item(text=match["text"] or "", line=line))
    return items


def is_decision(block: Block) -> bool:
    """Tell whether the list is a decision: one item at least is ``**…** → …``."""
    return any(_CHOICE.fullmatch(text) for _, text in block.items)


def choices_of(block: Block, problems: Problems) -> list[Choice]:
    """Return the ways out of a decision."""
    choices = []
    for line, text in block.items:
        if match := _CHOICE.fullmatch(text):
            choices.append(_choice(match["label"], " ".join(match["rest"].split()), line, problems))
        else:
            problems.add(line, "an item without '→' in a decision", "Write '**Case** → what then'")
    return choices


def _choice(label: str, rest: str, line: int, problems: Problems) -> Choice:
    link = _LINK.search(rest)
    address = PurePosixPath(link["address"].partition("#")[0]) if link else None
    if address and (address.suffix != ".md" or ":" in str(address)):
        problems.add(line, f"'{address}' is not a procedure", "Link to a '.md' file, or to nothing")
    return Choice(
        label=label,
        target=address.stem if address else "",
        line=line,
        leads_to=_LINK.sub(lambda found: found["text"], rest),
    )
