"""A document of twenty steps that act on the embedded service, and leave a line for each act."""

from collections import Counter
from pathlib import Path

from procedures.runbook.model import Procedure
from procedures.runbook.parser import parse

BACKGROUND, CHECKED, UNDONE = "step-05", "step-12", "step-15"
STEPS = tuple(f"step-{number:02}" for number in range(1, 21))
DESTRUCTIVE = (
    "step-03",
    "step-06",
    "step-08",
    "step-10",
    "step-13",
    "step-16",
    "step-18",
    "step-20",
)
READING = ("step-02", "step-11", "step-17")
DRAFTS = tuple(f"draft-{step}" for step in DESTRUCTIVE)
"""What the first step writes, and the destructive ones delete."""

_PAUSES_S = (0.0, 0.05, 0.1, 0.2)

_FRONT = """\
---
id: twenty-steps
title: Twenty steps
theme: common-issues
summary: Act on the service twenty times.
methods: [docker]
duration: 5m
rollback: twenty-steps
---
Before you begin.

## Phase 1: All of it {budget=2m}
"""

_POST = (
    "curl -sSf -o /dev/null -H 'Content-Type: application/json' "
    """-d '{"value": "x", "env": "staging"}' "$API/api/v1/configs/$SPACE/%s"\n"""
)
_DELETE = 'curl -sSf -o /dev/null -X DELETE "$API/api/v1/configs/$SPACE/%s?env=staging"\n'


def document(steps: int = len(STEPS)) -> Procedure:
    """Return the document, or one that ends after so many steps."""
    text = _FRONT + "".join(_step(number, step) for number, step in enumerate(STEPS[:steps]))
    return parse(text, Path("common-issues/twenty-steps.md"))


def acts(effects: Path) -> Counter[str]:
    """Return how often each step has acted, as the file of effects shows."""
    return Counter(effects.read_text().split("\n")[:-1] if effects.exists() else [])


def printed(step: str) -> str:
    """Return all that the command of a step prints."""
    return f"{step} begins\n{step} ends\n"


def _step(number: int, step: str) -> str:
    """Return one step: it acts once, at one moment, with some time before and some after."""
    level, caution = "change", ""
    act = _POST % step
    if number == 0:
        act += "".join(_POST % draft for draft in DRAFTS)
    if step in DESTRUCTIVE:
        level, caution = 'destructive affects="a draft"', "> [!CAUTION]\n> A draft is lost.\n\n"
        act += _DELETE % f"draft-{step}"
    if step in READING:
        level = "read"
        act = 'curl -sSf -o /dev/null "$API/api/v1/configs/$SPACE?env=staging"\n'
    background = " background=true" if step == BACKGROUND else ""
    before, after = _PAUSES_S[number % 4], _PAUSES_S[(number // 2) % 4]
    if background:
        before = 0.6
    text = f"\n### {step.replace('-', ' ').title()}\n\n{caution}"
    text += f"```sh {{level={level} timeout=30s{background}}}\n"
    text += f"echo {step} begins\nsleep {before}\n{act}"
    text += f'echo {step} >> "$EFFECTS"\nsleep {after}\necho {step} ends\n```\n'
    if step == CHECKED:
        url = f"$API/api/v1/configs/$SPACE/{step}?env=staging"
        text += f"\n```check\nhttp GET {url} is 200\n```\n\n```wait\n1s\n```\n"
    if step == UNDONE:
        text += "\n```undo {level=change timeout=30s}\nsleep 0.1\n"
        text += f'echo undo:{step} >> "$EFFECTS"\n```\n'
    return text
