"""The command line: what it understands, and what it answers to what it does not."""

import pytest

from procedures.environment import Method
from procedures.sandbox.faults import FAULTS
from tui.__main__ import COMMANDS
from tui.commands import check, console, demo
from tui.commands.arguments import Parser, UsageError


@pytest.fixture
def program() -> Parser:
    program = console.parser()
    commands = program.add_subparsers()
    for command in COMMANDS:
        command.add_parser(commands)
    return program


@pytest.mark.parametrize("words", [["-e", "prod", "check"], ["check", "-e", "prod"]])
def test_the_environment_may_stand_before_or_behind_the_command(
    program: Parser, words: list[str]
) -> None:
    arguments = program.parse(words)
    assert arguments.environment == "prod"
    assert arguments.run is check.run


def test_without_a_command_the_console_opens(program: Parser) -> None:
    arguments = program.parse(["--read-only"])
    assert arguments.run is console.run
    assert arguments.read_only


def test_a_demo_takes_several_faults(program: Parser) -> None:
    words = ["demo", "--fault", "latency", "--fault", "cache-down", "--method", "systemd"]
    arguments = program.parse(words)
    assert arguments.faults == ["latency", "cache-down"]
    assert arguments.method == "systemd"


@pytest.mark.parametrize(
    ("words", "said", "advised", "status"),
    [
        (["--red-only"], "unknown argument '--red-only'", "Did you mean '--read-only'?", 2),
        (["chek"], "invalid choice: 'chek'", "Did you mean 'check'?", 2),
        (
            ["xyzzy"],
            "invalid choice: 'xyzzy'",
            "Use one of: demo, check, fleet, backups, service, procedures, run, runs, "
            "approve, policy, lint, risk, schema, config, ledger",
            2,
        ),
        (["demo", "--faults=latency"], "unknown argument", "Did you mean '--fault'?", 2),
        (["demo", "--fault", "latancy"], "invalid choice", "Did you mean 'latency'?", 2),
        (["demo", "--kee"], "unknown argument '--kee'", "Did you mean '--keep'?", 2),
        (["config", "sow"], "invalid choice: 'sow'", "Did you mean 'show'?", 2),
        (["config"], "required: VERB", "See `quarterdeck config --help`", 2),
        (["check", "--jsn"], "unknown argument '--jsn'", "Did you mean '--json'?", 3),
        (["check", "--timeout", "soon"], "'soon' is no number of seconds", "--help", 3),
        (["check", "--timeout", "nan"], "'nan' is no number of seconds", "--help", 3),
        (["check", "--timeout", "-1"], "'-1' is no number of seconds", "--help", 3),
    ],
)
def test_a_word_that_is_not_understood_is_answered_with_advice(
    program: Parser, words: list[str], said: str, advised: str, status: int
) -> None:
    with pytest.raises(UsageError) as refused:
        program.parse(words)
    assert said in refused.value.what
    assert advised in refused.value.fix
    assert refused.value.status == status


def test_the_demo_offers_what_the_sandbox_can_do() -> None:
    assert set(demo.FAULTS) == set(FAULTS)
    assert set(demo.METHODS) == {method.value for method in Method}
