"""Commands that carry another command: wrappers, shells, and ways into a container or a host."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from procedures.risk.tables import ASSIGNED, COMPOSE, TOOLS
from procedures.risk.verdicts import HARMLESS, Verdict, change, destructive
from procedures.risk.words import (
    HOLE,
    Word,
    Words,
    after_options,
    option_set,
    values,
)

_UNSEEN = destructive("runs text that is not shown")
_DOUBT = destructive("an option that hides which command runs")
_ASSIGNMENT = re.compile(r"(?P<name>[A-Za-z_]\w*)\+?=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What a command carries: words, or shell text, or only a verdict where neither can be had."""

    words: Words = ()
    script: str = ""
    verdict: Verdict = HARMLESS


Carrier = Callable[[Words], Iterator[Carried]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wrapper:
    """A prefix command: ``skip`` operands stand between its options and the carried command."""

    with_value: frozenset[str] = field(default=frozenset())
    flags: frozenset[str] = field(default=frozenset())
    skip: int = 0
    alone: Verdict = HARMLESS

    def __call__(self, words: Words) -> Iterator[Carried]:
        """Yield the carried command, and what the assignments before it do."""
        rest = after_options(words, with_value=self.with_value, flags=self.flags)
        if rest.doubt:
            yield Carried(verdict=_DOUBT)
            return
        command = list(rest.words[self.skip :])
        while command and (assignment := _ASSIGNMENT.match(command[0].text)):
            yield Carried(verdict=ASSIGNED.get(assignment["name"], HARMLESS))
            command.pop(0)
        yield Carried(words=command) if command else Carried(verdict=self.alone)


def _carry_sudo(words: Words) -> Iterator[Carried]:
    if words and words[0].text in ("-l", "-v", "-k", "-V"):
        return
    yield from _SUDO(words)


_SUDO = _Wrapper(
    with_value=option_set(
        "-u --user -g --group -h --host -p --prompt -C -D --chdir -r -t -T -U -R"
    ),
    flags=option_set(
        "-n -E -H -S -k -b -A -P -i -s --non-interactive --preserve-env --set-home --login"
    ),
    alone=_UNSEEN,
)


def _carry_command(words: Words) -> Iterator[Carried]:
    """``command -v`` only looks a name up."""
    if words and words[0].text in ("-v", "-V"):
        return
    yield from _Wrapper(flags=option_set("-p"))(words)


def _carry_xargs(words: Words) -> Iterator[Carried]:
    marks = [mark.text for mark in values(words, "-I", "--replace") if mark.text]
    for carried in _XARGS(words):
        given = list(carried.words)
        for mark in marks:
            given = [Word(text=word.text.replace(mark, HOLE), loose=word.loose) for word in given]
        if not marks and given:
            given.append(Word(text=HOLE, loose=True))
        yield Carried(words=given, verdict=carried.verdict)


_XARGS = _Wrapper(
    with_value=option_set(
        "-n --max-args -I --replace -P --max-procs -d --delimiter -L --max-lines -s --max-chars -a"
        " --arg-file -E"
    ),
    flags=option_set("-0 --null -r --no-run-if-empty -t --verbose -p --interactive -x --exit"),
)


def _carry_shell(words: Words) -> Iterator[Carried]:
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
                yield Carried(verdict=_DOUBT)
        elif set(text) & {"s", HOLE}:
            yield Carried(verdict=_UNSEEN)
        takes_text = takes_text or (text[:2] != "--" and "c" in text)
        position += 2 if text[:2] != "--" and set(text) & set("oO") else 1
    program = words[position] if position < len(words) else Word(text=HOLE)
    if not program.fixed or program.text.startswith("/dev/") or program.text == "-":
        yield Carried(verdict=_UNSEEN)
    elif takes_text:
        yield Carried(script=program.text)
    else:
        yield Carried(verdict=change("runs a script that is not known"))


def _carry_joined(words: Words) -> Iterator[Carried]:
    """``eval`` and ``ssh`` join their words to shell text of their own."""
    if all(word.fixed for word in words):
        yield Carried(script=" ".join(word.text for word in words))
    else:
        yield Carried(verdict=destructive("pastes a value into shell text"))


def _carry_trap(words: Words) -> Iterator[Carried]:
    if words and words[0].text not in ("-", "", "-p", "-l"):
        yield from _carry_joined(words[1:2] if words[0].text == "--" else words[:1])


def _carry_watch(words: Words) -> Iterator[Carried]:
    for carried in _WATCH(words):
        if carried.words:
            yield from _carry_joined(carried.words)
        else:
            yield carried


_WATCH = _Wrapper(
    with_value=option_set("-n --interval -q --equexit"),
    flags=option_set("-d -t -b -e -g -c -x --differences --no-title --beep --errexit --color"),
)


def _carry_su(words: Words) -> Iterator[Carried]:
    texts = [*values(words, "-c", "--command")]
    if texts:
        for text in texts:
            yield from _carry_joined([text])
    elif any(word.text == "--" for word in words):
        at = [word.text for word in words].index("--")
        yield Carried(words=words[at + 1 :])
    else:
        yield Carried(verdict=_UNSEEN)


def _carry_flock(words: Words) -> Iterator[Carried]:
    for carried in _FLOCK(words):
        if carried.words and carried.words[0].text == "-c":
            yield from _carry_joined(carried.words[1:2])
        else:
            yield carried


_FLOCK = _Wrapper(
    with_value=option_set("-w --timeout -E --conflict-exit-code"),
    flags=option_set("-n -x -s -e -u -o -F --nonblock --exclusive --shared --verbose"),
    skip=1,
)


def _carry_ssh(words: Words) -> Iterator[Carried]:
    if any("command" in word.text.lower() for word in values(words, "-o")):
        yield Carried(verdict=_UNSEEN)
    rest = after_options(words, with_value=_SSH_VALUED, flags=_SSH_FLAGS)
    if rest.doubt:
        yield Carried(verdict=_DOUBT)
    elif len(rest.words) < 2:
        yield Carried(verdict=_UNSEEN)
    else:
        yield from _carry_joined(rest.words[1:])


_SSH_VALUED = frozenset(f"-{letter}" for letter in "BbcDEeFIiJLlmOopQRSWw")
_SSH_FLAGS = frozenset(f"-{letter}" for letter in "46AaCfGgKkMNnqsTtVvXxYy")


def _carry_find(words: Words) -> Iterator[Carried]:
    texts = [word.text for word in words]
    for start, text in enumerate(texts):
        if text in ("-exec", "-execdir", "-ok", "-okdir"):
            ends = [at for at in range(start, len(texts)) if texts[at] in (";", "+")]
            command = words[start + 1 : ends[0] if ends else len(words)]
            filled = [Word(text=w.text.replace("{}", HOLE), loose=w.loose) for w in command]
            yield Carried(words=filled)


_EXEC_VALUED = option_set(
    "-e --env -u --user -w --workdir --env-file --index --detach-keys -c --container -n --namespace"
    " --context -f --filename --pod-running-timeout"
)
_EXEC_FLAGS = option_set(
    "-i -t -d -T -q --interactive --tty --detach --privileged --no-TTY --stdin --quiet"
)


def _entering(name: str) -> Carrier:
    """Return the carrier of ``… exec [options] CONTAINER [--] COMMAND`` of one tool."""
    tool = TOOLS[name]

    def carry(words: Words) -> Iterator[Carried]:
        rest = after_options(words, with_value=tool.with_value, flags=tool.flags)
        verb = rest.words[0].text if rest.words and not rest.doubt else ""
        if verb == "compose":
            yield from _entering(COMPOSE)(rest.words[1:])
        elif verb == "exec":
            yield _inside(rest.words[1:])

    return carry


def _inside(words: Words) -> Carried:
    rest = after_options(words, with_value=_EXEC_VALUED, flags=_EXEC_FLAGS)
    inner = after_options(rest.words[1:], with_value=_EXEC_VALUED, flags=_EXEC_FLAGS)
    if rest.doubt or inner.doubt:
        return Carried(verdict=_DOUBT)
    return Carried(words=inner.words) if inner.words else Carried(verdict=_UNSEEN)


_PLAIN = _Wrapper()
CARRIERS: dict[str, Carrier] = {
    "sudo": _carry_sudo,
    "doas": _SUDO,
    "env": _Wrapper(
        with_value=option_set("-u --unset -C --chdir"),
        flags=option_set("-i -0 - --ignore-environment --null"),
    ),
    "nice": _Wrapper(with_value=option_set("-n --adjustment")),
    "ionice": _Wrapper(with_value=option_set("-c -n --class --classdata"), flags=option_set("-t")),
    "nohup": _PLAIN,
    "setsid": _Wrapper(flags=option_set("-f -w -c --fork --wait --ctty")),
    "stdbuf": _Wrapper(with_value=option_set("-i -o -e --input --output --error")),
    "timeout": _Wrapper(
        with_value=option_set("-k --kill-after -s --signal"),
        flags=option_set("--preserve-status --foreground -v --verbose"),
        skip=1,
    ),
    "time": _Wrapper(
        with_value=option_set("-o -f --output --format"), flags=option_set("-p -v -a --verbose")
    ),
    "command": _carry_command,
    "builtin": _PLAIN,
    "exec": _Wrapper(with_value=option_set("-a"), flags=option_set("-c -l")),
    "!": _PLAIN,
    "{": _PLAIN,
    "coproc": _PLAIN,
    "chroot": _Wrapper(with_value=option_set("--userspec --groups"), skip=1),
    "xargs": _carry_xargs,
    "watch": _carry_watch,
    "flock": _carry_flock,
    "eval": _carry_joined,
    "trap": _carry_trap,
    "ssh": _carry_ssh,
    "find": _carry_find,
    **dict.fromkeys(("su", "runuser"), _carry_su),
    **dict.fromkeys(("bash", "sh", "dash", "ash", "ksh", "zsh"), _carry_shell),
    **{name: _entering(name) for name in ("kubectl", "oc", "docker", "podman", COMPOSE)},
}
"""What each of these commands carries; it is given the words after the name."""
