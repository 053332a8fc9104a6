"""The blocks below one heading become a Step."""

import re
import textwrap
from collections.abc import Sequence
from difflib import get_close_matches

from procedures.runbook.assertion_parser import AssertionSyntaxError, parse_assertion
from procedures.runbook.assertions import Assertion
from procedures.runbook.blocks import Block, Kind
from procedures.runbook.commands import command_of
from procedures.runbook.fences import FenceSyntaxError, Opening, parse_opening
from procedures.runbook.lists import choices_of, is_decision, is_task_list, items_of
from procedures.runbook.model import Choice, Command, Item, Notice, Step, Wait
from procedures.runbook.notices import notice_of
from procedures.runbook.problems import Problems
from procedures.runbook.quantities import DURATION, duration

COMMANDS = frozenset({"sh", "bash"})
MACHINE = COMMANDS | {"check", "expect", "wait", "message", "undo"}
"""Languages of the fences that the console acts on; any other is only shown."""

_MARKED = re.compile(r"\*\*(Why|If it fails)[.:]?\*\*[ \t]*[.:—–-]?[ \t]*", re.IGNORECASE)
_WAIT = re.compile(rf"(?P<duration>{DURATION})(?:\s+while\s+(?P<condition>.+))?", re.ASCII)
_COMMENT = re.compile(r"(?:^|\s)#.*$")


def is_machine(info: str) -> bool:
    """Tell whether a fence with this opening line is one that the console acts on."""
    return re.split(r"[\s{]", info, maxsplit=1)[0].lower() in MACHINE


def step_of(title: str, id: str, line: int, blocks: Sequence[Block], problems: Problems) -> Step:
    """Return the step that ``blocks`` make up."""
    reader = _StepReader(problems)
    for block in blocks:
        reader.read(block)
    return reader.step(title, id, line)


class _StepReader:
    """Takes the blocks of one step, one after another, and sorts them."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._prose: list[str] = []
        self._why: list[str] = []
        self._if_it_fails: list[str] | None = None
        self._notices: list[Notice] = []
        self._preconditions: list[Assertion] = []
        self._commands: list[Command] = []
        self._expect: tuple[str, ...] = ()
        self._checks: list[Assertion] = []
        self._wait: Wait | None = None
        self._message = ""
        self._undo: list[Command] = []
        self._items: list[Item] = []
        self._choices: list[Choice] = []

    def step(self, title: str, id: str, line: int) -> Step:
        """Return what has been read; checks without any command are no preconditions."""
        before, after = tuple(self._preconditions), tuple(self._checks)
        return Step(
            id=id,
            title=title,
            line=line,
            prose="\n\n".join(self._prose),
            why="\n\n".join(self._why),
            if_it_fails="\n\n".join(self._if_it_fails or ()),
            notices=tuple(self._notices),
            preconditions=before if self._commands else (),
            commands=tuple(self._commands),
            expect=self._expect,
            checks=after if self._commands else before + after,
            wait=self._wait,
            message=self._message,
            undo=tuple(self._undo),
            items=tuple(self._items),
            choices=tuple(self._choices),
        )

    def read(self, block: Block) -> None:
        """Take the next block."""
        refuse_inner_fences(block, self._problems)
        match block.kind:
            case Kind.FENCE:
                self._read_fence(block)
            case Kind.LIST if is_task_list(block, self._problems):
                self._items += items_of(block, self._problems)
            case Kind.LIST if is_decision(block):
                self._choices += choices_of(block, self._problems)
            case Kind.QUOTE if (notice := notice_of(block, self._problems)) is not None:
                self._notices.append(notice)
            case _:
                self._read_prose(block.source)

    def _read_prose(self, source: str) -> None:
        marked = _MARKED.match(source)
        if marked and marked[1].lower() == "why":
            self._why.append(source[marked.end() :])
        elif marked:
            rest = source[marked.end() :]
            self._if_it_fails = [*(self._if_it_fails or ()), *([rest] if rest else ())]
        elif self._if_it_fails is not None:
            self._if_it_fails.append(source)
        else:
            self._prose.append(source)

    def _read_fence(self, block: Block) -> None:
        opening = opening_of(block, self._problems)
        if opening is None:
            return
        language = opening.language
        if language not in MACHINE:
            self._read_prose(f"```{language}\n{block.source}\n```")
            return
        if self._if_it_fails is not None and language != "undo":
            self._problems.add(
                block.line,
                f"a '{language}' fence below 'If it fails' would run when nothing has failed",
                "Move it above, or into a step of its own",
            )
        if language in COMMANDS or language == "undo":
            self._read_command(block, opening)
            return
        for name in opening.attributes:
            self._problems.add(block.line, f"a '{language}' fence takes no attribute '{name}'")
        self._read_plain_fence(language, block)

    def _read_command(self, block: Block, opening: Opening) -> None:
        command = command_of(block.source, block.line, opening.attributes, self._problems)
        (self._undo if opening.language == "undo" else self._commands).append(command)

    def _read_plain_fence(self, language: str, block: Block) -> None:
        match language:
            case "check":
                found = self._assertions(block)
                (self._checks if self._commands else self._preconditions).extend(found)
            case "wait":
                self._refuse_second(self._wait is not None, language, block)
                self._wait = self._wait_of(block)
            case "message":
                self._refuse_second(bool(self._message), language, block)
                self._message = block.source
            case "expect":
                self._refuse_second(bool(self._expect), language, block)
                lines = [line.strip() for line in block.source.splitlines()]
                self._expect = tuple(line for line in lines if line)

    def _refuse_second(self, is_second: bool, language: str, block: Block) -> None:
        if is_second:
            self._problems.add(block.line, f"a second '{language}' fence", "Split the step")

    def _assertions(self, block: Block) -> list[Assertion]:
        found = []
        for line, raw in enumerate(block.source.split("\n"), start=block.line + 1):
            if text := _COMMENT.sub("", raw).strip():
                found.append(self._assertion(text, line))
        if not found:
            self._problems.add(block.line, "the check is empty")
        return [assertion for assertion in found if assertion is not None]

    def _assertion(self, text: str, line: int) -> Assertion | None:
        try:
            return parse_assertion(text, line)
        except AssertionSyntaxError as error:
            self._problems.add(line, error.what, error.fix)
            return None

    def _wait_of(self, block: Block) -> Wait | None:
        text = textwrap.dedent(block.source).strip()
        match = _WAIT.fullmatch(text)
        span = duration(match["duration"]) if match else None
        if match is None or span is None:
            self._problems.add(
                block.line + 1,
                f"'{text[:100]}' is not a wait",
                "Write one line like '10m while indicator error-rate is ok'",
            )
            return None
        condition = match["condition"]
        held = self._assertion(condition, block.line + 1) if condition else None
        return Wait(duration=span, condition=held, line=block.line)


def refuse_inner_fences(block: Block, problems: Problems) -> None:
    """Refuse a fence that would do something, were it not inside a list or a quote."""
    for line, info in block.inner_fences:
        if is_machine(info):
            problems.add(
                line, "a fence inside a list or quote is never acted on", "Move it to the margin"
            )


def opening_of(block: Block, problems: Problems) -> Opening | None:
    """Return what a fence's first line says; None, with a problem, if it cannot be told."""
    if not block.closed:
        problems.add(block.line, "the fence is never closed", "End it with a line of ```")
    try:
        opening = parse_opening(block.info)
    except FenceSyntaxError as error:
        if is_machine(block.info):
            problems.add(block.line, str(error), "Write it like '{name=x timeout=120s}'")
            return None
        return Opening(language=block.info.split(maxsplit=1)[0], attributes={})
    if opening.language not in MACHINE and (meant := _misspelt(opening.language)):
        text = f"'{opening.language}' fences are only shown"
        problems.add(block.line, text, f"Did you mean '{meant}'?")
    return opening


def _misspelt(language: str) -> str:
    """Return the language that was probably meant; no advice for short ones such as ``zsh``."""
    near = get_close_matches(language, MACHINE, n=1, cutoff=0.8) if len(language) > 3 else []
    return near[0] if near else ""
