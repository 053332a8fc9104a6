"""What an operator is asked before a command that changes something."""

from collections.abc import Sequence

from procedures.environment import Environment
from procedures.execution.policy.policy import Confirmation
from procedures.execution.run.preparation import Prepared
from procedures.execution.run.run import CheckResult
from procedures.reference.levels import Level
from widgets.confirm_dialog import Question


def question_for(
    prepared: Prepared,
    preconditions: Sequence[CheckResult],
    environment: Environment,
    *,
    rollback: str = "",
    approval: str = "",
) -> Question | None:
    """Return the question that ``prepared`` demands; None when it may run unasked.

    Args:
        prepared: What is known of the step.
        preconditions: As they are at this moment.
        environment: Where it would be executed.
        rollback: Id of the procedure that undoes this one, if there is one.
        approval: What a second person said, if one was asked.
    """
    failed = [result for result in preconditions if result.passed is not True]
    if prepared.confirmation is Confirmation.NONE and not failed:
        return None
    return Question(
        title=prepared.step.title,
        level=prepared.level,
        facts=tuple(_facts(prepared, preconditions, environment, rollback, approval)),
        typed=prepared.confirm_word,
        blocked="; ".join(f"{result.text}: {result.detail}" for result in failed),
        may_override=prepared.ruling.may_override,
    )


def _facts(
    prepared: Prepared,
    preconditions: Sequence[CheckResult],
    environment: Environment,
    rollback: str,
    approval: str,
) -> Sequence[tuple[str, str]]:
    target = f"{environment.name} ({environment.tier.value}), {environment.method.value}"
    facts = [("Where", target), ("Command", prepared.script.rstrip("\n"))]
    if prepared.variables:
        values = "\n".join(f"{name}={value}" for name, value in sorted(prepared.variables.items()))
        facts.append(("With", values))
    if prepared.affects:
        destroys = prepared.level is Level.DESTRUCTIVE
        heading = "Affects, and what will be lost" if destroys else "Affects"
        facts.append((heading, prepared.affects))
    cautions = [n.text for n in prepared.step.notices if n.kind in ("caution", "warning")]
    facts += [("Caution", " ".join(text.split())) for text in cautions]
    if prepared.findings:
        why = "\n".join(f"{found.text}: {found.reason}" for found in prepared.findings)
        facts.append((f"Why it is {prepared.level.value}", why))
    if preconditions:
        lines = [f"{_verdict(result)} {result.text}: {result.detail}" for result in preconditions]
        facts.append(("Preconditions, checked now", "\n".join(lines)))
    facts.append(("Way back", _way_back(prepared, rollback)))
    if approval:
        facts.append(("Second person", approval))
    return facts


def _way_back(prepared: Prepared, rollback: str) -> str:
    if not prepared.undo and rollback and not prepared.irreversible:
        return f"the procedure {rollback}"
    if prepared.undo:
        return "\n".join(command.script.rstrip("\n") for command in prepared.undo)
    return "none: this cannot be undone" if prepared.irreversible else "not given by the document"


def _verdict(result: CheckResult) -> str:
    return {True: "✓", False: "×", None: "?"}[result.passed]
