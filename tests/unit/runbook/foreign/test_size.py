"""A document of a megabyte is read in bounded work, and says where that ended."""

from pathlib import Path

import pytest

from procedures.reference.levels import Level
from procedures.runbook.foreign.importer import Imported, read_foreign
from tests.unit.runbook.foreign.kept import lines_of

MEGABYTE = 1_000_000
PATTERNS = {
    "items": "- item one two\n",
    "boxes": "- [ ] x\n",
    "nested": "1. > - x\n",
    "headings": "# a\n",
    "quotes": "> q\n\n",
    "notices": ":::note\nx\n:::\n",
    "openings": ":::note\n",
    "comments": "<!--\n",
    "here-documents": "```sh\n" + "<<E\n" * 190 + "```\n",
    "redirections": "```sh\ncat" + " <a" * 190 + "\n```\n",
    "backticks": "`" * 99 + "\n",
    "emphasis": "## " + "*a_" * 99 + "\n",
    "brackets": "[" * 99 + "\n",
    "returns": "\r",
    "nothing": "\0",
}


def large(section: str) -> str:
    """Return a document of a megabyte: ``section`` over and over, each with a number of its own."""
    count = MEGABYTE // len(section.format(n=10_000))
    return "# All\n\n" + "".join(section.format(n=number) for number in range(count))


def assert_complete(text: str, result: Imported) -> None:
    assert result.procedure is not None
    wanted = {line for line in text.split("\n") if line.startswith("kubectl")}
    assert wanted
    there = [line for line in lines_of(result.procedure) if line.startswith("kubectl")]
    assert len(there) == len(wanted)
    assert set(there) == wanted


def test_every_command_of_a_megabyte_can_be_run() -> None:
    text = large(
        "## Phase {n}\n\nWhat it is about, and why it matters, in some words more.\n"
        "Somebody wrote it down so that nobody has to find it out again at night.\n\n"
        "### Step {n}\n\nRun this:\n\n```sh\nkubectl get pod app-{n} | grep Running\n```\n\n"
        "Expected output:\n\n```\nRunning\n```\n\n"
    )
    result = read_foreign(text, Path("x.md"))
    assert_complete(text, result)
    assert result.procedure is not None
    (note,) = result.notes
    assert note.text.startswith("from here on commands count as destructive")
    assert all(step.commands and step.expect for step in result.procedure.steps)
    first, *_, last = result.procedure.steps
    assert first.commands[0].level is Level.READ
    assert last.commands[0].level is Level.DESTRUCTIVE, "what is not analysed is destructive"
    assert "not analysed" in last.commands[0].affects


def test_what_is_beyond_all_bounds_is_shown() -> None:
    text = large("### {n}\n\n```sh\nkubectl get x {n}\n```\n\n")
    result = read_foreign(text, Path("x.md"))
    assert_complete(text, result)
    told = [note.text for note in result.notes]
    assert "the document is too long to be read from here on" in told


def test_placeholders_are_never_run_unfilled_however_long_the_document() -> None:
    result = read_foreign(large("### {n}\n\n```sh\nrm <file-{n}>\n```\n\n"), Path("x.md"))
    assert result.procedure is not None
    commands = [command for step in result.procedure.steps for command in step.commands]
    assert commands
    assert not any("<" in command.script for command in commands)


@pytest.mark.parametrize("name", PATTERNS)
def test_a_megabyte_of_anything_is_read(name: str) -> None:
    pattern = PATTERNS[name]
    result = read_foreign(pattern * (MEGABYTE // len(pattern)), Path("x.md"))
    if result.procedure is not None:
        assert result.procedure.steps
    assert result.procedure is not None or result.notes
