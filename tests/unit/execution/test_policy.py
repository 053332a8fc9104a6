"""The higher level counts, production is stricter, and read-only means it."""

import pytest

from procedures.environment import Environment, Method, Tier
from procedures.errors import RunError
from procedures.execution.policy import (
    Confirmation,
    confirm_word,
    confirmation,
    effective_level,
    require_permitted,
    require_runnable,
)
from procedures.reference.levels import Level
from procedures.runbook.model import Command


@pytest.mark.parametrize(
    ("declared", "found", "tier", "expected"),
    [
        (Level.READ, Level.READ, Tier.PRODUCTION, Level.READ),
        (Level.READ, Level.DESTRUCTIVE, Tier.SANDBOX, Level.DESTRUCTIVE),
        (Level.DESTRUCTIVE, Level.READ, Tier.SANDBOX, Level.DESTRUCTIVE),
        (Level.CHANGE, Level.READ, Tier.STAGING, Level.CHANGE),
        (Level.CHANGE, Level.READ, Tier.PRODUCTION, Level.DESTRUCTIVE),
        (Level.READ, Level.CHANGE, Tier.PRODUCTION, Level.DESTRUCTIVE),
    ],
)
def test_a_command_is_as_dangerous_as_the_worst_that_is_known_of_it(
    declared: Level, found: Level, tier: Tier, expected: Level
) -> None:
    assert effective_level(declared, found, tier) is expected


def test_the_more_dangerous_the_more_an_operator_has_to_do() -> None:
    asked = [confirmation(level) for level in (Level.READ, Level.CHANGE, Level.DESTRUCTIVE)]
    assert asked == [Confirmation.NONE, Confirmation.DIALOG, Confirmation.TYPED]


def test_the_word_to_type_is_the_environment_unless_the_document_names_another() -> None:
    environment = Environment(name="prod-eu", tier=Tier.PRODUCTION, method=Method.DOCKER)
    assert confirm_word(Command(script="x", line=1), environment) == "prod-eu"
    assert confirm_word(Command(script="x", line=1, confirm="redis"), environment) == "redis"


@pytest.mark.parametrize("level", [Level.CHANGE, Level.DESTRUCTIVE])
def test_a_read_only_console_runs_nothing_that_changes(level: Level) -> None:
    environment = Environment(name="e", tier=Tier.STAGING, method=Method.DOCKER, read_only=True)
    require_permitted(Level.READ, environment)
    with pytest.raises(RunError, match="read-only"):
        require_permitted(level, environment)


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (Command(script="vi x", line=1, interactive=True), "asks questions of its own"),
        (Command(script="tail -f x", line=1, background=True), "stays behind"),
    ],
)
def test_what_a_step_cannot_run_is_sent_to_a_terminal(command: Command, why: str) -> None:
    with pytest.raises(RunError, match=why) as refused:
        require_runnable(command)
    assert "skip the step" in refused.value.fix


def test_any_other_command_can_be_run() -> None:
    require_runnable(Command(script="ls", line=1))
    require_runnable(None)
