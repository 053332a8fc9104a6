"""The options of ``quarterdeck run`` that answer beforehand what the console would ask."""

import argparse
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from tui.commands.arguments import UsageError

if TYPE_CHECKING:
    from procedures.execution.unattended.orders import Orders, Resolution

Value = TypeVar("Value")

_BY_STEP = (
    ("--allow-destructive", "allow_destructive", "STEP", "run this destructive step"),
    ("--tick", "ticked", "STEP", "the manual items of this step are done"),
    ("--choose", "chosen", "STEP=N", "take this way out, by number or label"),
    ("--skip", "skipped", "STEP=REASON", "leave this step out"),
    ("--override", "overridden", "STEP=REASON", "go on although a precondition fails"),
    ("--retry", "retried", "STEP", "do this failed step once more"),
    ("--recheck", "rechecked", "STEP", "only check this failed step once more"),
    ("--resolve", "resolved", "STEP=passed:NOTE", "how a command in doubt ended: passed or failed"),
    ("--ask-again", "asked_again", "STEP", "ask a second person anew, who refused"),
)


def add_answer_options(parser: argparse.ArgumentParser) -> None:
    """Add one option for each kind of answer; each may be repeated."""
    group = parser.add_argument_group("answers, by id of the step; each may be repeated")
    for option, name, metavar, about in _BY_STEP:
        group.add_argument(
            option, action="append", default=[], dest=name, metavar=metavar, help=about
        )


def add_course_options(parser: argparse.ArgumentParser) -> None:
    """Add the options about who drives the run."""
    parser.add_argument(
        "--take-over", metavar="REASON", default="", help="drive a run that somebody else drives"
    )
    parser.add_argument("--go-on", action="store_true", help="end the pause of the run")


def orders_of(arguments: argparse.Namespace) -> "Orders":
    """Return the answers that were given; UsageError if one is not understood."""
    from procedures.execution.unattended.orders import Orders

    status = arguments.failure_status

    def pairs(option: str, words: Iterable[str]) -> Mapping[str, str]:
        return MappingProxyType(dict(pair(option, word, status=status) for word in words))

    resolved = pairs("--resolve", arguments.resolved)
    return Orders(
        allow_destructive=frozenset(arguments.allow_destructive),
        ticked=frozenset(arguments.ticked),
        chosen=pairs("--choose", arguments.chosen),
        skipped=pairs("--skip", arguments.skipped),
        overridden=pairs("--override", arguments.overridden),
        retried=frozenset(arguments.retried),
        rechecked=frozenset(arguments.rechecked),
        resolved={step: _resolution(step, said, status) for step, said in resolved.items()},
        asked_again=frozenset(arguments.asked_again),
    )


def require_steps(named: Iterable[str], known: Iterable[str], *, status: int) -> None:
    """Raise UsageError if a step is named that there is not."""
    from procedures.runbook.problems import nearest

    ids = list(known)
    for step in named:
        if step not in ids:
            raise UsageError(f"there is no step '{step}'", fix=nearest(step, ids), status=status)


def pair(option: str, word: str, *, status: int) -> tuple[str, str]:
    """Return both sides of ``NAME=VALUE``; UsageError if there are not two."""
    name, equals, value = word.partition("=")
    if not (name and equals and value.strip()):
        raise UsageError(
            f"{option}: a name and a value are needed",  # not repeated: it may be a secret
            fix=f"Write {option} NAME=VALUE, in quotes where there are spaces",
            status=status,
        )
    return name, value


def given_once(
    option: str, words: Iterable[str], *, read: Callable[[str, str], Value], status: int
) -> dict[str, Value]:
    """Return values by name; UsageError if a name comes twice."""
    found: dict[str, Value] = {}
    for word in words:
        name, value = pair(option, word, status=status)
        if name in found:
            raise UsageError(f"{option} {name} is given twice", fix="Leave one out", status=status)
        found[name] = read(name, value)
    return found


def _resolution(step: str, said: str, status: int) -> "Resolution":
    from procedures.execution.unattended.orders import Resolution

    word, _, note = said.partition(":")
    if word not in ("passed", "failed") or not note.strip():
        raise UsageError(
            f"--resolve {step}={said}: it is not clear how the command ended",
            fix=f"Write --resolve '{step}=passed:how you know', or failed",
            status=status,
        )
    return Resolution(passed=word == "passed", note=note.strip())
