"""However a command is wrapped or quoted, it is never judged milder than it is bare."""

import shlex
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procedures.reference.levels import Level
from procedures.risk.assessment import assess
from procedures.risk.syntax import syntax_of
from tests.unit.risk.table import LINES, Line

Wrapping = Callable[[str], str]


def _before(words: str) -> Wrapping:
    return lambda script: f"{words} {script}"


def _within(frame: str) -> Wrapping:
    return lambda script: frame.replace("_", script)


def _quoted_after(words: str) -> Wrapping:
    return lambda script: f"{words} {shlex.quote(script)}"


def _fed_to(words: str) -> Wrapping:
    return lambda script: f"{words} <<'THE_END'\n{script}\nTHE_END\n"


PREFIXES: dict[str, Wrapping] = {
    words: _before(words)
    for words in (
        "sudo", "sudo -u postgres", "doas", "env", "env A=1", "A=1", "time", "nice -n 5", "ionice",
        "nohup", "timeout 5", "timeout -k 5 10", "stdbuf -oL", "setsid", "command", "exec",
        "xargs", "xargs -n1", "!", "flock /tmp/lock", "watch", "find . -exec", "ssh host",
        "kubectl exec pod --", "docker exec app", "docker-compose exec -T app", "su - x --",
    )
}  # fmt: skip
AMONG_OTHERS: dict[str, Wrapping] = {
    frame: _within(frame)
    for frame in (
        "echo a; _", "_; echo a", "true && _", "_ && true", "false || _", "_ || true", "ls | _",
        "_ | cat", "( _ )", "{ _; }", "! _", "_ &", "if true; then _; fi", "if _; then ls; fi",
        "if ls; then ls; else _; fi", "for i in 1 2; do _; done", "while _; do ls; done",
        "until _; do ls; done", "case x in x) _;; esac", "f() { _; }", "echo $( _ )",
        'echo "$( _ )"', "x=$( _ )", 'echo "a $( _ ) $b in $c"', "cat <( _ )", "time { _; }",
        "cat <<EOF\n$( _ )\nEOF\n", "uptime\n_\nuptime",
    )
}  # fmt: skip
QUOTING: dict[str, Wrapping] = {
    f"{words} 'quoted'": _quoted_after(words)
    for words in (
        "bash -c", "sh -ec", "bash -euo pipefail -c", "eval", "ssh host", "sudo sh -c", "su -c",
        "docker exec app sh -c", "docker-compose exec -T app sh -c", "timeout 5 bash -c",
        "kubectl -n x exec pod -- sh -c", "flock /tmp/lock -c", "watch", "xargs sh -c",
    )
}  # fmt: skip
FED: dict[str, Wrapping] = {
    f"{words} <<fed": _fed_to(words)
    for words in ("bash", "sudo sh -eu", "ssh host bash -s", "kubectl exec -i pod -- sh")
}


def in_backticks(script: str) -> str:
    """Return ``script`` in backticks, escaped as bash wants it there."""
    for sign in "\\`$":
        script = script.replace(sign, f"\\{sign}")
    return f"echo `{script}`"


ON_ONE_LINE = {**PREFIXES, **AMONG_OTHERS, **QUOTING, "backticks": in_backticks}
ANYWHERE = {**QUOTING, **FED}
"""What can be put around several lines."""

WRAPPINGS = {**ON_ONE_LINE, **FED}
MORE_THAN_READ = [line for line in LINES if line.level is not Level.READ]


def is_milder(wrapped: str, level: Level) -> bool:
    """Tell whether ``wrapped`` is judged milder than ``level``."""
    return assess(wrapped).level.rank < level.rank


@pytest.mark.parametrize("name", WRAPPINGS)
def test_a_wrapping_lowers_no_line_of_the_table(name: str) -> None:
    wrap = WRAPPINGS[name]
    lines = [line for line in MORE_THAN_READ if name in ANYWHERE or "\n" not in line.command]
    assert [line for line in lines if is_milder(wrap(line.command), line.level)] == []


@settings(deadline=2000)
@given(
    st.sampled_from(MORE_THAN_READ),
    st.lists(st.sampled_from([*WRAPPINGS]), min_size=2, max_size=4),
)
def test_no_wrappings_within_each_other_make_a_command_milder(line: Line, names: list[str]) -> None:
    wrapped = line.command
    for name in names:
        if "\n" not in wrapped or name in ANYWHERE:
            wrapped = WRAPPINGS[name](wrapped)
    assert not is_milder(wrapped, line.level), wrapped


def _plain_words(script: str) -> list[str]:
    """Return the words of a script that is one command of plain words, or nothing."""
    syntax = syntax_of(script)
    whole = len(syntax.calls) == 1 and syntax.calls[0].text == script.strip()
    if not whole or syntax.redirects or syntax.assigned or syntax.unreadable or "=" in script[:9]:
        return []
    words = syntax.calls[0].words
    return [word.text for word in words] if all(word.fixed for word in words) else []


PLAIN = [(line, words) for line in MORE_THAN_READ if (words := _plain_words(line.command))]


@settings(deadline=2000)
@given(st.sampled_from(PLAIN), st.data())
def test_no_quoting_of_its_words_makes_a_command_milder(
    plain: tuple[Line, list[str]], data: st.DataObject
) -> None:
    line, words = plain
    forms = [
        st.sampled_from([shlex.quote(word), _in_double_quotes(word), _escaped(word)])
        for word in words
    ]
    quoted = " ".join(data.draw(form) for form in forms)
    assert not is_milder(quoted, line.level), quoted


def test_most_lines_of_the_table_are_plain_enough_to_be_quoted() -> None:
    assert len(PLAIN) > len(MORE_THAN_READ) / 3


def _in_double_quotes(word: str) -> str:
    for sign in '\\"$`':
        word = word.replace(sign, f"\\{sign}")
    return f'"{word}"'


def _escaped(word: str) -> str:
    return "".join(sign if sign.isalnum() else _without_meaning(sign) for sign in word) or "''"


def _without_meaning(sign: str) -> str:
    return "$'\\n'" if sign == "\n" else f"\\{sign}"
