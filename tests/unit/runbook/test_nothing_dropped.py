"""Nothing that a document says is dropped: what is not acted on is shown."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from procedures.runbook.catalogue import SHIPPED
from procedures.runbook.front_matter import read_front_matter
from procedures.runbook.model import Command, Procedure, Step
from procedures.runbook.parser import parse
from procedures.runbook.problems import Problems

DOCUMENTS = sorted(SHIPPED.glob("*/*.md"))
_MARKS = re.compile(r"[^\w$/.:=%-]+")
_COMMANDS = re.compile(r"^```(?:sh|bash|undo)\b[^\n]*\n(.*?)\n```$", re.DOTALL | re.MULTILINE)
_HEADING_BUDGET = re.compile(r"\{budget=\w+\}")
_WORD_OF_FORMAT = re.compile(
    r"^(\*\*(Why|If it fails)\*\*|> \[!\w+\]|[-*] \[ \]|\d+\.|[-*>])(\s+|$)"
)


def shown(procedure: Procedure) -> str:
    """Return every text of the model, without marks."""
    return f" {_MARKS.sub(' ', ' '.join(texts_of(procedure)))} "


def texts_of(procedure: Procedure) -> Iterator[str]:
    yield procedure.intro
    for phase in procedure.phases:
        yield from (phase.title, phase.prose)
        for step in phase.steps:
            yield from texts_of_step(step)


def texts_of_step(step: Step) -> Iterator[str]:
    yield from (step.title, step.prose, step.why, step.if_it_fails, step.message)
    yield from (notice.text for notice in step.notices)
    yield from (each.text for each in (*step.preconditions, *step.checks))
    yield from step.expect
    yield from (item.text for item in step.items)
    for choice in step.choices:
        yield from (choice.label, choice.leads_to, choice.target)
    for command in (*step.commands, *step.undo):
        yield from texts_of_command(command)
    if step.wait is not None:
        total = round(step.wait.duration.total_seconds())
        yield f"{total // 3600}h {total // 60}m {total}s while"
        if step.wait.condition is not None:
            yield step.wait.condition.text


def texts_of_command(command: Command) -> Iterator[str]:
    yield command.script


def said(document: str) -> Iterator[str]:
    """Yield the words of each line of the body, without addresses, budgets and fence openings."""
    for line in read_front_matter(document, Problems()).body.split("\n"):
        if line.lstrip().startswith("```"):
            continue
        plain = _HEADING_BUDGET.sub("", line)
        plain = re.sub(r"\]\([^)]*\)", "]", plain)
        plain = _WORD_OF_FORMAT.sub("", plain.strip())
        yield _MARKS.sub(" ", plain).strip()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.stem))
def test_every_line_of_a_shipped_document_is_in_the_procedure(path: Path) -> None:
    source = path.read_text()
    everything = shown(parse(source, path))
    everything += _MARKS.sub(" ", re.sub(r"\]\([^)]*\)", "]", everything))
    words = set(everything.split())
    for line in said(source):
        missing = [word for word in line.split() if word not in words]
        assert not missing, (line, missing)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.stem))
def test_every_command_stands_in_exactly_one_place(path: Path) -> None:
    source = path.read_text()
    procedure = parse(source, path)
    commands = [c for step in procedure.steps for c in (*step.commands, *step.undo)]
    fences = re.findall(
        r"^```(?:sh|bash|undo)\b[^\n]*\n(.*?)\n```$", source, re.DOTALL | re.MULTILINE
    )
    assert [command.script for command in sorted(commands, key=lambda c: c.line)] == fences
