"""The command lines whose level is agreed upon, from the files in ``levels``.

Each line is a level and a command; ⏎ stands for the end of a line within the command.
"""

from pathlib import Path
from typing import NamedTuple

from procedures.reference.levels import Level


class Line(NamedTuple):
    """One command, with the level that an experienced operator gives it."""

    level: Level
    command: str


def _lines_of(text: str) -> list[Line]:
    found = []
    for line in text.split("\n"):
        if line and not line.startswith("# "):
            level, command = line.split(maxsplit=1)
            found.append(Line(Level(level), command.replace("⏎", "\n")))
    return found


FILES = sorted((Path(__file__).parent / "levels").glob("*.txt"))
LINES = [line for file in FILES for line in _lines_of(file.read_text("utf-8"))]
