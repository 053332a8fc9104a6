"""Commands that carry shell text, which is parsed in its turn."""

import re
from collections.abc import Iterator

from procedures.risk.carried import DOUBT, UNSEEN, Carried, Wrapper
from procedures.risk.verdicts import change, destructive
from procedures.risk.words import HOLE, Word, Words, after_options, is_option, option_set, values


def carry_shell(words: Words) -> Iterator[Carried]:
    """``sh -c TEXT``; a script file is a command not known, standard input is text not shown."""
    takes_text = False
    position = 0
    while position < len(words) and re.match(r"[-+].", words[position].text):
        text = words[position].text
        if text == "--":
            position += 1
            break
        if text.startswith("--"):
            if text not in ("--login", "--norc", "--noprofile", "--posix"):
                yield Carried(verdict=DOUBT)
        elif set(text) & {"s", HOLE}:
            yield Carried(verdict=UNSEEN)
        takes_text = takes_text or (text[:2] != "--" and "c" in text)
        position += 2 if text[:2] != "--" and set(text) & set("oO") else 1
    program = words[position] if position < len(words) else Word(text=HOLE)
    if not program.fixed or program.text.startswith("/dev/") or program.text == "-":
        yield Carried(verdict=UNSEEN)
    elif takes_text:
        yield Carried(script=program.text)
    else:
        yield Carried(verdict=change("runs a script that is not known"))


def carry_joined(words: Words) -> Iterator[Carried]:
    """``eval`` and ``ssh`` join their words to shell text of their own, which loses their quotes.

    ``ssh h sh -c 'rm x'`` runs only ``rm``; its author meant the words, so both readings count.
    """
    blank = re.compile(r"\s")
    if any(blank.search(word.text) for word in words[1:]) and not blank.search(words[0].text):
        yield Carried(words=words)
    if all(word.fixed for word in words):
        yield Carried(script=" ".join(word.text for word in words))
    else:
        yield Carried(verdict=destructive("pastes a value into shell text"))


def carry_trap(words: Words) -> Iterator[Carried]:
    """A trap runs its first operand as shell text."""
    if words and words[0].text not in ("-", "", "-p", "-l"):
        yield from carry_joined(words[1:2] if words[0].text == "--" else words[:1])


def carry_watch(words: Words) -> Iterator[Carried]:
    """``watch`` joins its words to shell text."""
    rest = after_options(words, with_value=_WATCH_VALUED, flags=_WATCH_FLAGS)
    if rest.doubt:
        yield Carried(verdict=DOUBT)
    elif rest.words:
        yield from carry_joined(rest.words)


_WATCH_VALUED = option_set("-n --interval -q --equexit")
_WATCH_FLAGS = option_set(
    "-d -t -b -e -g -c -x --differences --no-title --beep --errexit --color --chgexit --exec"
)


def carry_su(words: Words) -> Iterator[Carried]:
    """``su -c TEXT``, or words after ``--``: a command, or options of the shell."""
    marks = [at for at, word in enumerate(words) if word.text == "--"]
    own, after = (words[: marks[0]], words[marks[0] + 1 :]) if marks else (words, ())
    texts = [*values(own, "-c", "--command")]
    for text in texts:
        yield from carry_joined([text])
    if after and is_option(after[0]):
        yield from carry_shell(after)
    elif after:
        yield Carried(words=after)
    elif not texts:
        yield Carried(verdict=UNSEEN)


def carry_flock(words: Words) -> Iterator[Carried]:
    """``flock FILE COMMAND``, or ``flock FILE -c TEXT``."""
    for carried in _FLOCK(words):
        if carried.words and carried.words[0].text == "-c":
            yield from carry_joined(carried.words[1:2])
        else:
            yield carried


_FLOCK = Wrapper(
    with_value=option_set("-w --timeout -E --conflict-exit-code"),
    flags=option_set("-n -x -s -e -u -o -F --nonblock --exclusive --shared --verbose"),
    skip=1,
)


def carry_ssh(words: Words) -> Iterator[Carried]:
    """``ssh HOST WORDS``; without words a shell reads what is not shown."""
    if any("command" in word.text.lower() for word in values(words, "-o")):
        yield Carried(verdict=UNSEEN)
    rest = after_options(words, with_value=_SSH_VALUED, flags=_SSH_FLAGS)
    if rest.doubt:
        yield Carried(verdict=DOUBT)
    elif len(rest.words) < 2:
        yield Carried(verdict=UNSEEN)
    else:
        yield from carry_joined(rest.words[1:])


_SSH_VALUED = frozenset(f"-{letter}" for letter in "BbcDEeFIiJLlmOopQRSWw")
_SSH_FLAGS = frozenset(f"-{letter}" for letter in "46AaCfGgKkMNnqsTtVvXxYy")
