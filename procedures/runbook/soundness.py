"""What must hold for a step as a whole; a step that guards too little is refused, not mended."""

from collections.abc import Sequence

from procedures.environment import Method
from procedures.reference.levels import Level
from procedures.runbook.model import Command, Step
from procedures.runbook.problems import Problems

UNGUARDED = "unguarded-destruction"
"""Code of a destructive command without all that an operator needs to decide on it."""


def examine_step(step: Step, methods: Sequence[Method], rollback: str, problems: Problems) -> None:
    """Add to ``problems`` what is wrong with ``step``.

    Args:
        step: The step as read.
        methods: Deployment methods of the whole procedure.
        rollback: Id of the procedure that undoes this one, if any.
        problems: Where problems go.
    """
    if not (step.commands or step.checks or step.wait or step.items or step.choices):
        problems.add(
            step.line,
            f"step '{step.title}' has nothing to do",
            "Give it a command, a check, a wait, an item to tick or a decision",
        )
    if step.expect and not step.commands:
        problems.add(step.line, f"step '{step.title}' expects output but has no command")
    _examine_overlap(step.commands, methods, "command", problems)
    _examine_overlap(step.undo, methods, "undo", problems)
    for command in step.commands:
        if command.level is Level.DESTRUCTIVE:
            _examine_destructive(command, step, rollback, problems)


def _examine_overlap(
    commands: Sequence[Command], methods: Sequence[Method], what: str, problems: Problems
) -> None:
    taken: dict[Method, int] = {}
    for command in commands:
        for method in command.methods or tuple(Method):
            if command.methods and method not in methods:
                problems.add(
                    command.line,
                    f"the procedure is not for {method.value}",
                    "Add it to 'methods' of the front matter",
                )
            elif method in taken:
                problems.add(
                    command.line,
                    f"a second {what} for {method.value}; the first is in line {taken[method]}",
                    "Split the step",
                )
                break
            taken.setdefault(method, command.line)


def _examine_destructive(command: Command, step: Step, rollback: str, problems: Problems) -> None:
    if not any(notice.kind == "caution" for notice in step.notices):
        problems.add(
            command.line,
            "a destructive command without a caution",
            "Write '> [!CAUTION]' above it, and what will be lost",
            code=UNGUARDED,
        )
    if not command.affects:
        problems.add(
            command.line,
            "a destructive command without 'affects'",
            'Add affects="what is lost"',
            code=UNGUARDED,
        )
    if not (command.irreversible or step.undo or rollback):
        problems.add(
            command.line,
            "a destructive command that nothing undoes",
            "Add an 'undo' fence or a 'rollback', or declare it 'irreversible'",
            code=UNGUARDED,
        )
