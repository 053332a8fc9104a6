"""A console transcript taken apart: what was typed, and what was printed."""

import re
from dataclasses import dataclass

_WHO = r"(?:\([\w.-]+\)\s?)?(?:\[?[\w.-]+@[\w.-]+(?:[: ][^\s$#%>]*)?\]?|[\w.-]*[~/][\w./~-]*)\s?"
_PROMPT = re.compile(rf"\s{{0,3}}(?:(?:{_WHO})?[$❯]|{_WHO}[#%]) (?P<typed>.*\S.*)")
_MORE = re.compile(r"\s{0,3}> ?")
_HERE = re.compile(r"(?<!<)<<(?P<tabs>-?)\s*(?P<quote>['\"\\]?)(?P<word>\w+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What a transcript consists of.

    Attributes:
        script: The commands typed, one below the other; empty if no line has a prompt.
        printed: The lines between them.
    """

    script: str
    printed: tuple[str, ...]


def read_transcript(text: str) -> Transcript:
    """Return the commands of ``text``, whose prompts are ``$``, ``%`` or ``user@host:~#``."""
    typed: list[str] = []
    printed: list[str] = []
    lines = text.split("\n")
    position = 0
    silent = True
    while position < len(lines):
        line = lines[position]
        position += 1
        if match := _PROMPT.fullmatch(line):
            position = _take_command(match["typed"], lines, position, typed)
            silent = True
        elif silent and line.lstrip().startswith("#"):
            typed.append(line.strip())
        elif line.strip():
            printed.append(line)
            silent = False
        else:
            silent = True
            (printed or typed).append(line)
    if not any(_PROMPT.fullmatch(line) for line in lines):
        return Transcript(script="", printed=tuple(lines))
    return Transcript(script="\n".join(typed).strip("\n"), printed=_trimmed(printed))


def _take_command(first: str, lines: list[str], position: int, typed: list[str]) -> int:
    """Add one command with the lines that continue it; return the position behind it."""
    typed.append(first)
    ends = [(here["word"], bool(here["tabs"])) for here in _HERE.finditer(first)]
    open_quote = _open_quote(first, "")
    while position < len(lines):
        continues = open_quote or ends or _is_continued(typed[-1])
        if not continues:
            break
        if not ends and _PROMPT.fullmatch(lines[position]):
            break
        text = _MORE.sub("", lines[position], count=1)
        typed.append(text)
        position += 1
        if ends:
            word, tabs = ends[0]
            if (text.lstrip("\t") if tabs else text).rstrip() == word:
                ends.pop(0)
            continue
        open_quote = _open_quote(text, open_quote)
        if not open_quote:
            ends = [(here["word"], bool(here["tabs"])) for here in _HERE.finditer(text)]
    return position


def _is_continued(line: str) -> bool:
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1 or line.rstrip().endswith(("|", "&&"))


def _open_quote(line: str, quote: str) -> str:
    """Return the quote that is open at the end of ``line``, empty for none."""
    escaped = False
    for char in line:
        if escaped:
            escaped = False
        elif char == "\\" and quote != "'":
            escaped = True
        elif char == quote:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
        elif not quote and char == "#":
            break
    return quote


def _trimmed(lines: list[str]) -> tuple[str, ...]:
    text = "\n".join(lines).strip("\n")
    return tuple(text.split("\n")) if text else ()
