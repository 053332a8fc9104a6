"""What makes a sound document a good one: each rule looks at one procedure; pure.

A document that breaks the format itself never gets here: its problems come from the parser.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from procedures.errors import Problem
from procedures.reference.levels import Level
from procedures.risk.assessment import assess
from procedures.runbook.front_matter import read_front_matter
from procedures.runbook.links import links_of
from procedures.runbook.model import Command, Procedure, Step
from procedures.runbook.problems import Problems, nearest
from procedures.runbook.secrecy import shown_secrets

_PLACEHOLDER = re.compile(
    r"(?<![<\w$])<[A-Za-z][\w.-]*(?: [\w.-]+)*>(?!\s*>)"
    r"|\bCHANGE_?ME\b|\bYYYY-?MM-?DD\b|\bTODO\b|\bFIXME\b|\bX{3,}\b|\byour-[a-z-]+\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a rule knows beside the document.

    Attributes:
        ids: Ids of all procedures at hand.
        today: Against which a review is overdue.
        leads_nowhere: Tells of a relative path whether no file is there.
    """

    ids: frozenset[str]
    today: date
    leads_nowhere: Callable[[Procedure, str], bool]


Rule = Callable[[Procedure, Surroundings], Iterator[Problem]]


def broken_links(procedure: Procedure, around: Surroundings) -> Iterator[Problem]:
    """A link leads to a file that is there."""
    body = read_front_matter(procedure.source, Problems()).body
    for link in links_of(body):
        if link.path and around.leads_nowhere(procedure, link.path):
            yield Problem(
                line=link.line,
                text=f"the link to {link.path} leads nowhere",
                fix="Correct the path; it starts from this document's folder",
                code="broken-link",
            )


def unknown_procedures(procedure: Procedure, around: Surroundings) -> Iterator[Problem]:
    """What undoes the procedure, and what a decision leads to, are procedures at hand."""
    if procedure.rollback and procedure.rollback not in around.ids:
        yield Problem(
            line=1,
            text=f"rollback '{procedure.rollback}' is no procedure",
            fix=nearest(procedure.rollback, around.ids),
            code="unknown-procedure",
        )
    for choice in (choice for step in procedure.steps for choice in step.choices):
        if choice.target and choice.target not in around.ids:
            yield Problem(
                line=choice.line,
                text=f"the decision leads to '{choice.target}', which is no procedure",
                fix=nearest(choice.target, around.ids),
                code="unknown-procedure",
            )


def missing_methods(procedure: Procedure, _: Surroundings) -> Iterator[Problem]:
    """A step that runs something runs it for every method, or says why not."""
    for step in procedure.steps:
        if not step.commands:
            continue
        said = f"{step.prose} {step.why} {' '.join(notice.text for notice in step.notices)}".lower()
        for method in procedure.methods:
            if step.command_for(method) is None and method.value not in said:
                yield Problem(
                    line=step.line,
                    text=f"step '{step.title}' has no command for {method.value}",
                    fix="Add one, or say in the step's text why there is none",
                    code="missing-method",
                )


def understated_levels(procedure: Procedure, _: Surroundings) -> Iterator[Problem]:
    """A command is declared as dangerous as the analysis finds it, or more."""
    for command in _all_commands(procedure):
        risk = assess(command.script)
        if risk.level.rank > command.level.rank:
            reasons = "; ".join(
                dict.fromkeys(f.reason for f in risk.findings if f.level is risk.level)
            )
            yield Problem(
                line=command.line,
                text=f"declared {command.level.value}, but {risk.level.value}: {reasons}",
                fix=f"Add level={risk.level.value}",
                code="level-too-low",
            )


def unchecked_destruction(procedure: Procedure, _: Surroundings) -> Iterator[Problem]:
    """Before anything is destroyed a precondition is checked."""
    for step in procedure.steps:
        for command in step.commands:
            if command.level is Level.DESTRUCTIVE and not step.preconditions:
                yield Problem(
                    line=command.line,
                    text="a destructive command without a precondition",
                    fix="Put a 'check' fence above it, within the step",
                    code="no-precondition",
                )


def unverified_changes(procedure: Procedure, _: Surroundings) -> Iterator[Problem]:
    """Whatever a phase changes is looked at afterwards."""
    steps = procedure.steps
    last_look = max((n for n, step in enumerate(steps) if _looks(step)), default=-1)
    for phase in procedure.phases:
        changing = [step for step in phase.steps if _changes(step)]
        if changing and steps.index(changing[-1]) > last_look:
            yield Problem(
                line=phase.line,
                text=f"nothing checks what phase '{phase.title}' changes",
                fix="End it with a 'check', or a 'wait' with a condition",
                code="unverified-change",
            )


def placeholders(procedure: Procedure, _: Surroundings) -> Iterator[Problem]:
    """No command waits for an author to fill it in."""
    for command in _all_commands(procedure):
        for offset, text in enumerate(command.script.split("\n"), start=1):
            if found := _PLACEHOLDER.search(text):
                yield Problem(
                    line=command.line + offset,
                    text=f"'{found[0]}' is still to be filled in",
                    fix="Make it an input, and write its name with a dollar",
                    code="placeholder",
                )


def secrets_on_screen(procedure: Procedure, _: Surroundings) -> Iterator[Problem]:
    """No command prints a secret, or puts one where every process list shows it."""
    declared = [each.name for each in procedure.inputs.values() if each.secret]
    for command in _all_commands(procedure):
        for found in shown_secrets(command.script, declared):
            yield Problem(
                line=command.line,
                text=f"{found.why}: {found.text}",
                fix="Test for presence, length or hash; pass secrets by file or environment",
                code="secret-shown",
            )


def overdue_reviews(procedure: Procedure, around: Surroundings) -> Iterator[Problem]:
    """Somebody has read the document lately."""
    if procedure.reviewed is None:
        yield Problem(
            line=1,
            text="nobody has reviewed the document",
            fix="Read it, then add 'reviewed' with the date",
            code="review-overdue",
        )
    elif procedure.review_every and procedure.reviewed + procedure.review_every < around.today:
        due = procedure.reviewed + procedure.review_every
        yield Problem(
            line=1,
            text=f"the review has been due since {due}",
            fix="Read it, correct it, then set 'reviewed' to the date",
            code="review-overdue",
        )


RULES: Sequence[Rule] = (
    broken_links,
    unknown_procedures,
    missing_methods,
    understated_levels,
    unchecked_destruction,
    unverified_changes,
    placeholders,
    secrets_on_screen,
    overdue_reviews,
)

ABOUT: Mapping[str, str] = {
    "document": "the document keeps to the format",
    "unguarded-destruction": "a destructive command has a caution, what it affects, and a way back",
    "duplicate-id": "no two procedures have one id",
    "broken-link": "links lead to files that are there",
    "unknown-procedure": "rollback and decisions lead to procedures at hand",
    "missing-method": "every step that runs something does so for every method, or says why not",
    "level-too-low": "a command is declared as dangerous as it is found to be",
    "no-precondition": "before anything is destroyed a precondition is checked",
    "unverified-change": "what a phase changes is checked afterwards",
    "placeholder": "nothing is left to be filled in",
    "secret-shown": "no secret is printed or put on a command line",
    "review-overdue": "somebody has read the document lately",
    "not-understood": "of a plain runbook, all is understood; only a warning",
}
"""What each code asks for."""


def _all_commands(procedure: Procedure) -> Iterator[Command]:
    for step in procedure.steps:
        yield from (*step.commands, *step.undo)


def _changes(step: Step) -> bool:
    return any(command.level is not Level.READ for command in step.commands)


def _looks(step: Step) -> bool:
    return bool(step.checks) or (step.wait is not None and step.wait.condition is not None)
