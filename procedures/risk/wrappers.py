"""Commands before a command, which run it with other rights, limits or operands."""

from collections.abc import Iterator

from procedures.risk.carried import UNSEEN, Carried, Wrapper
from procedures.risk.words import HOLE, Word, Words, option_set, values


def carry_sudo(words: Words) -> Iterator[Carried]:
    """``sudo -l`` and its like only look."""
    if words and words[0].text in ("-l", "-v", "-k", "-V"):
        return
    yield from SUDO(words)


SUDO = Wrapper(
    with_value=option_set(
        "-u --user -g --group -h --host -p --prompt -C -D --chdir -r -t -T -U -R"
    ),
    flags=option_set(
        "-n -E -H -S -k -b -A -P -i -s --non-interactive --preserve-env --set-home --login"
    ),
    alone=UNSEEN,
)


def carry_command(words: Words) -> Iterator[Carried]:
    """``command -v`` only looks a name up."""
    if words and words[0].text in ("-v", "-V"):
        return
    yield from Wrapper(flags=option_set("-p"))(words)


def carry_xargs(words: Words) -> Iterator[Carried]:
    """What ``xargs`` adds to a command is not shown."""
    marks = [mark.text for mark in values(words, "-I", "--replace") if mark.text]
    for carried in _XARGS(words):
        given = list(carried.words)
        for mark in marks:
            given = [Word(text=word.text.replace(mark, HOLE), loose=word.loose) for word in given]
        if not marks and given:
            given.append(Word(text=HOLE, loose=True))
        yield Carried(words=given, verdict=carried.verdict)


_XARGS = Wrapper(
    with_value=option_set(
        "-n --max-args -I --replace -P --max-procs -d --delimiter -L --max-lines -s --max-chars -a"
        " --arg-file -E"
    ),
    flags=option_set("-0 --null -r --no-run-if-empty -t --verbose -p --interactive -x --exit"),
)


def carry_find(words: Words) -> Iterator[Carried]:
    """Each ``-exec`` carries a command."""
    texts = [word.text for word in words]
    for start, text in enumerate(texts):
        if text in ("-exec", "-execdir", "-ok", "-okdir"):
            ends = [at for at in range(start, len(texts)) if texts[at] in (";", "+")]
            command = words[start + 1 : ends[0] if ends else len(words)]
            filled = [Word(text=w.text.replace("{}", HOLE), loose=w.loose) for w in command]
            yield Carried(words=filled)
