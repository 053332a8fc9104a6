"""How much of a document is read: the work that its worst lines could make is bounded."""

import re

LONGEST_DOCUMENT = 4_000_000
"""Characters of a document that is opened at all."""

_FREE = 50_000
_BUDGET = 155_000
_LISTED = re.compile(r"[ \t>]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)")
_NESTED = re.compile(r"> |[-*+] |\d[.)] ")
_WORK = {"#": 7, "`": 3, "~": 3, ":": 7, ">": 10, "=": 4, "<": 4}
"""What a line costs that begins with such a character; one of plain text costs 1."""


def lines_to_read(lines: list[str]) -> int:
    """Return how many of ``lines`` are parsed as Markdown; all of any document but a monstrous one.

    The cost of a line is what markdown-it and the importer need for it, in some 6 microseconds.
    """
    if sum(map(len, lines)) <= _FREE:
        return len(lines)
    spent = 0
    for number, line in enumerate(lines):
        first = line[:1]
        if first.isalpha() or not first:
            spent += bool(first)
        elif _LISTED.match(line):
            spent += 10 * len(_NESTED.findall(line, 0, 200)) + 2
        else:
            spent += _WORK.get(first, 2)
        if spent > _BUDGET:
            return number
    return len(lines)
