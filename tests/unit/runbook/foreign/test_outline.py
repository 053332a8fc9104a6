"""Headings become phases and steps, as an operator would cut the document."""

from pathlib import Path

import pytest

from procedures.runbook.foreign.assembly import READ_AND_DO
from procedures.runbook.foreign.importer import read_foreign
from tests.unit.runbook.foreign.kept import imported, notes_of

LS = "```sh\nls\n```\n"
PS = "```sh\nps\n```\n"


def outline(text: str, name: str = "team/the-runbook.md") -> list[tuple[str, list[str]]]:
    procedure = imported(text, Path(name))
    return [(phase.title, [step.title for step in phase.steps]) for phase in procedure.phases]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (LS, [("The runbook", ["The runbook"])]),
        (f"# T\n{LS}", [("T", ["T"])]),
        (f"T\n===\n\nA\n---\n{LS}\nB\n---\n{PS}", [("T", ["A", "B"])]),
        (f"# T\n## A\n{LS}## B\n{PS}", [("T", ["A", "B"])]),
        (f"# T\n## A\n### a\n{LS}### b\n{PS}## B\n{LS}", [("A", ["a", "b"]), ("B", ["B"])]),
        (f"# T\n### A\n{LS}##### a\n{PS}", [("A", ["A", "a"])]),
        (f"# T\n## A\n### a\n#### x\n{LS}", [("A", ["x"])]),
        (f"# T\n## All\n### A\n#### a\n{LS}### B\n#### b\n{PS}", [("All", ["a", "b"])]),
        (f"# A\n{LS}# B\n{PS}", [("The runbook", ["A", "B"])]),
        (f"## A\n{LS}# B\n{PS}", [("The runbook", ["A"]), ("B", ["B"])]),
        (f"## A\n\nOnly read.\n\n## B\n{LS}", [("The runbook", ["A", "B"])]),
        (f"## Overview\n\nRead.\n\n## B\n{LS}\n## References\n\n- x\n", [("The runbook", ["B"])]),
        (f"# T\n\nFirst:\n\n{LS}\nSecond:\n\n{PS}", [("T", ["First", "Second"])]),
        (f"# T\n## A\n\nFirst:\n\n{LS}\nSecond:\n\n{PS}", [("T", ["A: First", "A: Second"])]),
        ("# T\n\nOne paragraph.\n\nAnother one.\n", [("T", ["One paragraph", "Another one"])]),
        (f"## A {{#anchor}}\n{LS}## A\n{PS}", [("The runbook", ["A", "A"])]),
        ("## Overview\n\nNothing else.\n", [("The runbook", ["The runbook"])]),
    ],
)  # fmt: skip
def test_headings_become_phases_and_steps(text: str, expected: list[tuple[str, list[str]]]) -> None:
    assert outline(text) == expected


def test_titles_that_repeat_have_ids_of_their_own() -> None:
    procedure = imported(f"## A\n{LS}## A 2\n{LS}## A\n{PS}## A\n{PS}## A 2\n{PS}")
    assert [step.id for step in procedure.steps] == ["a", "a-2", "a-3", "a-4", "a-2-2"]


@pytest.mark.parametrize(
    ("name", "id", "theme"),
    [
        ("On Call/Disk Full!.md", "disk-full", "on-call"),
        ("x/Überlast.md", "uberlast", "x"),
        ("x/***.md", "runbook", "x"),
        ("plain.md", "plain", ""),
    ],
)
def test_id_and_theme_come_from_the_place(name: str, id: str, theme: str) -> None:
    procedure = imported(LS, Path(name))
    assert (procedure.id, procedure.theme, procedure.path) == (id, theme, Path(name))


def test_what_explains_is_the_introduction_and_what_is_to_be_done_must_be_ticked() -> None:
    told = "# T\n\nHello.\n\n## Impact\n\nBad.\n\n## Call\n\nThe boss.\n\n## A\n"
    procedure = imported(told + LS)
    assert procedure.intro == "Hello.\n\n**Impact**\n\nBad."
    assert procedure.summary == "Hello."
    call, _ = procedure.steps
    assert (call.title, call.prose) == ("Call", "The boss.")
    assert [item.text for item in call.items] == [READ_AND_DO]


def test_what_stands_above_deeper_headings_is_told_with_the_first_step_below() -> None:
    quoted = "> look\n>\n> ```sh\n> ls\n> ```\n"
    (step, _) = imported(f"## A\n\nMind this.\n\n{quoted}\n### a\n{LS}### b\n{PS}").steps
    assert step.prose == "Mind this.\n\n> look\n\n```sh\nls\n```"


def test_lines_are_those_of_the_document_whatever_ends_them() -> None:
    text = f"---\ntitle: T\n---\n\n## A\n\n{LS}\n## B\n\n- [ ] x\n"
    for each in (text, text.replace("\n", "\r\n"), text.replace("\n", "\r")):
        a, b = imported(each).steps
        assert (a.line, a.commands[0].line, b.line, b.items[0].line) == (5, 7, 11, 13)


@pytest.mark.parametrize("text", ["", " \n\t\n", "---\ntitle: x\n---\n", "\ufeff", "\r\n"])
def test_an_empty_document_is_none(text: str) -> None:
    result = read_foreign(text, Path("x.md"))
    assert result.procedure is None
    assert [(note.line, note.text) for note in result.notes] == [(1, "the document is empty")]


def test_a_document_beyond_all_bounds_is_refused() -> None:
    assert read_foreign("x" * 4_000_001, Path("x.md")).procedure is None
    assert notes_of("x" * 4_000_001) == ["1 the document is too long for a runbook"]
