"""Judging what looks for files and turns text into other text: find, awk, sed, sort."""

import re
from itertools import pairwise

from procedures.risk.outputs import OVERWRITES, judge_file_output
from procedures.risk.verdicts import HARMLESS, Verdict, change, destructive, worse
from procedures.risk.words import Word, Words, has, operands, values


def judge_find(words: Words) -> Verdict:
    """Return the verdict on ``find`` itself; what it executes is judged apart."""
    for word in words:
        if word.text == "-delete":
            return destructive("deletes files")
        if word.text.startswith(("-fprint", "-fls")):
            return OVERWRITES
    return HARMLESS


_AWK_ACTS = re.compile(r"system|getline|(?<!\|)\|(?!\|)|@|\bclose\b")
_AWK_STRING = re.compile(r'"(?:\\.|[^"\\])*"')


def judge_awk(words: Words) -> Verdict:
    """Return the verdict on ``awk``: a program may write files and run commands."""
    if has(words, "--file", "--include", "--load", "--exec", letters="filE"):
        return destructive("awk text that is not shown")
    rest = operands(words, with_value={"-F", "-v", "--assign", "--field-separator"})
    program = rest[0] if rest else Word(text="")
    without_strings = _AWK_STRING.sub('""', program.text)
    if (
        not program.fixed
        or _AWK_ACTS.search(program.text)
        or any(map(_prints_to_file, (program.text, without_strings)))
    ):
        return destructive("awk text that may run or write something")
    return HARMLESS


def _prints_to_file(program: str) -> bool:
    statements = re.split(r"[;}]", program)
    return any(re.search(r"\bprintf?\b", part) and _follows(part, ">") for part in statements)


def _follows(statement: str, sign: str) -> bool:
    return sign in statement[statement.index("print") :]


_LONGEST_SED = 2000
"""Characters; splitting a script costs time that grows with its square."""

_ADDRESS = r"(?:\d+|\$|/[^/]*/)"
_SED_SHOWS = re.compile(
    rf"\s*(?:{_ADDRESS}(?:,{_ADDRESS})?)?!?\s*(?:[pdq=]|s(?P<mark>[/|#,:])(?:\\.|(?!(?P=mark))[^\\\n])*"
    r"(?P=mark)(?:\\.|(?!(?P=mark))[^\\\n])*(?P=mark)[gpIi\d]*)?\s*",
)


def judge_sed(words: Words) -> Verdict:
    """Return the verdict on ``sed``: only scripts that show are let pass."""
    if has(words, "--in-place", "--file", letters="if"):
        return destructive("edits files in place, or by text that is not shown")
    scripts = [*values(words, "-e", "--expression")]
    scripts += [
        following
        for word, following in pairwise([*words, Word(text="")])
        if re.fullmatch(r"-[nrEsuz]+e", word.text)
    ]
    if not scripts:
        scripts = operands(words, with_value={"-l", "--line-length"})[:1]
    if not scripts or not all(map(_sed_shows, scripts)):
        return destructive("sed text that may run or write something")
    return HARMLESS


def _sed_shows(script: Word) -> bool:
    if len(script.text) > _LONGEST_SED:
        return False
    parts = re.split(r";(?![^/]*/[^/]*$)", script.text)
    return all(_SED_SHOWS.fullmatch(part) for part in parts)


def judge_tee(words: Words) -> Verdict:
    """Return the verdict on ``tee``."""
    targets = operands(words, with_value=set())
    if has(words, "--append", letters="a"):
        return change("appends to a file") if targets else HARMLESS
    return worse(HARMLESS, *map(judge_file_output, targets))


def judge_sort(words: Words) -> Verdict:
    """Return the verdict on ``sort``, which can write its result to a file."""
    if has(words, "--output", "--compress-program", letters="o"):
        return OVERWRITES
    return HARMLESS


def judge_uniq(words: Words) -> Verdict:
    """Return the verdict on ``uniq``, whose second operand is a file to write."""
    paths = operands(words, with_value={"-f", "-s", "-w"})
    return OVERWRITES if len(paths) > 1 else HARMLESS
