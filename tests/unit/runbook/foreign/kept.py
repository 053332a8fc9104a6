"""What an imported document still says, for tests that nothing of it is lost or said twice."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from markdown_it import MarkdownIt

from procedures.runbook.foreign.importer import Imported, read_foreign
from procedures.runbook.foreign.placeholders import placeholders_of
from procedures.runbook.model import Procedure

PATH = Path("team/the-runbook.md")
FIXTURES = Path(__file__).resolve().parents[3] / "data" / "foreign_runbooks"
DOCUMENTS = {path.stem: path.read_text() for path in sorted(FIXTURES.glob("*.md"))}
SHELLS = frozenset({"sh", "bash", "shell", "zsh", "console", "shell-session"})


def imported(text: str, path: Path = PATH) -> Procedure:
    """Return the procedure that ``text`` becomes, which must be one."""
    procedure = read_foreign(text, path).procedure
    assert procedure is not None
    return procedure


def notes_of(text: str) -> list[str]:
    """Return the notes on ``text``, each as its line and words."""
    return [f"{note.line} {note.text}" for note in read_foreign(text, PATH).notes]


def scripts(text: str) -> list[list[str]]:
    """Return the scripts of each step."""
    return [[command.script for command in step.commands] for step in imported(text).steps]


def lines_of(procedure: Procedure) -> Iterator[str]:
    """Yield every line that an operator is shown or that is run, once for each time."""
    yield from procedure.intro.split("\n")
    for phase in procedure.phases:
        yield phase.title
        for step in phase.steps:
            yield step.title
            yield from step.prose.split("\n")
            yield from step.expect
            for text in (*(n.text for n in step.notices), *(item.text for item in step.items)):
                yield from text.split("\n")
            for command in step.commands:
                yield from command.script.split("\n")


def fence_lines(text: str) -> Iterator[str]:
    """Yield the lines of every fence of commands, as any reader of CommonMark finds them."""
    for token in MarkdownIt("commonmark").parse(re.sub(r"\r\n?", "\n", text)):
        words = token.info.split() if token.type == "fence" else []
        if words and words[0].lower() in SHELLS:
            lines = token.content.split("\n")
            yield from (line for line in lines if not line.lstrip(" >").startswith(("```", "~~~")))


def assert_nothing_lost(text: str, result: Imported) -> None:
    """Every line of a fence of commands is there, and not more often than in the document."""
    wanted = {bare(line) for line in fence_lines(text)} - {""}
    if not wanted:
        return
    assert result.procedure is not None
    names = frozenset(result.procedure.inputs)
    there = Counter(bare(line, names) for line in lines_of(result.procedure))
    written = Counter(bare(line) for line in re.split(r"\r\n?|\n", text))
    for line in wanted:
        assert there[line] > 0, f"lost: {line!r}"
        assert there[line] <= written[line] + titles(result.procedure)[line], f"twice: {line!r}"


def titles(procedure: Procedure) -> Counter[str]:
    """Return how often each line is a title, which may repeat what the document says."""
    found = (title for phase in procedure.phases for title in (phase.title, *_steps(phase.steps)))
    return Counter(bare(title) for title in found)


def _steps(steps: object) -> list[str]:
    return [step.title for step in steps] if isinstance(steps, tuple) else []


def bare(line: str, inputs: frozenset[str] = frozenset()) -> str:
    """Return the letters and digits of ``line``, and a mark for what is to be filled in."""
    if inputs:
        names = "|".join(sorted(inputs, key=len, reverse=True))
        line = re.sub(rf"'\"\$(?:{names})\"'|\"\$(?:{names})\"|\$\{{(?:{names})\}}", "@", line)
        line = re.sub(rf"\$(?:{names})\b", "@", line)
    for each in reversed(placeholders_of(line)):
        line = f"{line[: each.start]}@{line[each.end :]}"
    line = re.sub(r"^[\s>]*(?:\d+[.)]\s|\S+@\S+[$#] )?", "", line)
    return re.sub(r"[^\w@]|_", "", line)
