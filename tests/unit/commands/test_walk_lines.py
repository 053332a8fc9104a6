"""A walk as lines: what is news, and that nothing in a line steers a terminal."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.environment import Method
from procedures.execution.run.run import CheckResult, Driver, Run, Stage, StepRecord, StepStatus
from procedures.execution.unattended.orders import Halt, Halted, TurnTaken
from procedures.execution.walking.progress import (
    CheckJudged,
    OutputArrived,
    StepBegan,
    StepEnded,
    TerminalPrinted,
    WaitTicked,
)
from procedures.reference.levels import Level
from tui.commands.halt_statuses import OF_HALT, OF_OBSTACLE
from tui.commands.statuses import STATUSES
from tui.commands.walk_json import JsonLines
from tui.commands.walk_lines import News, Sieve
from tui.commands.walk_text import TextLines

AT = datetime(2026, 3, 4, 3, 12, 40, tzinfo=UTC)
STEP = StepRecord(id="one", title="One", level=Level.CHANGE, status=StepStatus.RUNNING)
RUN = Run(
    id="tidy-1",
    procedure_id="tidy",
    title="Tidy",
    digest="d",
    environment="here",
    method=Method.DOCKER,
    operator="ada",
    driver=Driver(operator="ada", console="h/1/1"),
    started_at=AT,
    inputs=MappingProxyType({"word": "hello"}),
    steps=(STEP,),
)


class Clock:
    def now(self) -> datetime:
        return AT


def text(*told: News) -> list[str]:
    lines = TextLines(Clock())
    return [line for each in told for line in lines.told(each)]


def judged(passed: bool | None, detail: str = "") -> CheckJudged:
    return CheckJudged(CheckResult(text="it is", passed=passed, detail=detail, at=AT))


def test_each_turn_is_a_line_with_its_time() -> None:
    assert text(
        TurnTaken(step_id="one", turn="confirmed", detail="change"),
        StepBegan(STEP),
        OutputArrived("a\nb"),
        OutputArrived("c\n"),
        judged(False, "it is not"),
        WaitTicked(300.4, holding=True),
        StepEnded(replace(STEP, status=StepStatus.FAILED, reason="it is: it is not")),
    ) == [
        "03:12:40 confirmed   one: change",
        "03:12:40 began       one (change): One",
        "  | a",
        "  | bc",
        "03:12:40 check       FAILED: it is: it is not",
        "03:12:40 wait        300 s left",
        "03:12:40 failed      one: it is: it is not",
    ]


def test_output_without_an_end_of_line_is_shown_when_the_step_ends() -> None:
    assert text(OutputArrived("abc"), StepEnded(STEP))[0] == "  | abc"
    assert text(OutputArrived("x" * 10_000)) == ["  | " + "x" * 10_000]


def test_what_to_add_stands_below_why_it_stopped() -> None:
    halted = Halted(
        halt=Halt.ITEMS, what="by hand", step_id="one", option="--tick one", fix="Do it"
    )
    assert list(TextLines(Clock()).halted(halted, RUN, status=3, unshared=2)) == [
        "03:12:40 stopped     by hand",
        "  add: --tick one",
        "  Do it",
        "  2 facts are known to this machine only: call again to share them",
        "  then: call again, or `quarterdeck runs resume tidy-1`",
    ]


def test_a_signal_tells_what_becomes_of_the_command() -> None:
    running = replace(STEP, stages=(Stage.COMMAND,), remaining=(Stage.COMMAND,))
    run = replace(RUN, steps=(running,))
    lines = list(TextLines(Clock()).interrupted(run))
    assert lines[0] == "03:12:40 left        tidy-1 stays open; the command of step one goes on"
    assert "quarterdeck runs cancel tidy-1" in lines[2]
    (line,) = JsonLines(Clock()).interrupted(run)
    assert json.loads(line)["command_goes_on"] is True


@given(st.text())
def test_no_text_from_outside_breaks_a_line_or_steers_a_terminal(odd: str) -> None:
    step = replace(STEP, title=odd, reason=odd)
    told: list[News] = [StepBegan(step), StepEnded(step), judged(None, odd)]
    told.append(TurnTaken(step_id="one", turn="skipped", detail=odd))
    for line in text(*told):
        assert "\x1b" not in line
        assert "\n" not in line
    lines = JsonLines(Clock())
    for each in told:
        for line in lines.told(each):
            assert line.isascii()
            assert "\n" not in line
            json.loads(line)


def test_checks_that_are_tried_again_are_news_only_when_their_verdict_changes() -> None:
    sieve = Sieve()
    tries = [judged(False, "1"), judged(False, "2"), judged(None), judged(True), judged(True)]
    assert [sieve.news(each) is not None for each in tries] == [True, False, True, True, False]
    sieve.news(StepBegan(STEP))
    assert sieve.news(judged(True)) is not None


def test_a_wait_is_news_each_minute_and_whenever_it_breaks() -> None:
    sieve = Sieve()
    ticks = [(300, True), (299, True), (240, True), (239, False), (300, True), (299, True)]
    told = [sieve.news(WaitTicked(float(left), holding)) is not None for left, holding in ticks]
    assert told == [True, False, True, True, True, False]


def test_what_a_terminal_would_show_is_cleaned() -> None:
    assert Sieve().news(TerminalPrinted(b"\x1b[1mbold\x1b[0m\n")) == OutputArrived("bold\n")


@pytest.mark.parametrize("halt", list(Halt))
def test_every_halt_has_an_exit_status_that_the_help_tells(halt: Halt) -> None:
    assert OF_HALT[halt] in {status for status, _ in STATUSES}


def test_the_words_of_halts_and_their_statuses_do_not_change() -> None:
    assert {halt.value: status for halt, status in OF_HALT.items()} == {
        "completed": 0,
        "rolled-back": 0,
        "aborted": 1,
        "failed": 1,
        "precondition": 3,
        "items": 3,
        "choice": 3,
        "elsewhere": 3,
        "interactive": 3,
        "paused": 3,
        "changed": 3,
        "blocked": 3,
        "destructive": 4,
        "refused": 4,
        "doubt": 5,
        "second-person": 6,
        "follows": 7,
    }
    assert {each.value: status for each, status in OF_OBSTACLE.items()} == {
        "inputs": 2,
        "refused": 4,
        "precondition": 3,
        "check": 1,
    }
