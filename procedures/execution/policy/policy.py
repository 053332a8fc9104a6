"""Who may run what, and what an operator must do first; pure.

A policy is made of rules. Every rule that matches a command applies, and the strictest wins: adding
a rule can only forbid more. What holds without any rule is in :class:`Policy` itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from procedures.environment import Environment, Tier
from procedures.errors import RunError
from procedures.reference.levels import Level, highest

if TYPE_CHECKING:
    from procedures.runbook.model import Command

APPROVAL_EXPIRES_S = 15 * 60.0
"""How long a second person has, unless the policy says otherwise."""


class Confirmation(Enum):
    """What an operator does before a command runs."""

    NONE = "none"
    DIALOG = "dialog"
    TYPED = "typed"


_CONFIRMATIONS = {
    Level.READ: Confirmation.NONE,
    Level.CHANGE: Confirmation.DIALOG,
    Level.DESTRUCTIVE: Confirmation.TYPED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """A person as the operating system knows them."""

    name: str
    groups: frozenset[str] = frozenset()

    def is_among(self, people: Sequence[str]) -> bool:
        """Whether one of ``people`` is this one: a name, or ``%group`` as sudoers write it."""
        return any(
            who[1:] in self.groups if who.startswith("%") else who == self.name for who in people
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What is demanded of the commands that it matches.

    Attributes:
        environments: Patterns of names, as a shell matches file names.
        procedures: Patterns of procedure ids.
        levels: Of the command, after raising.
        read_only: Nobody runs these.
        operators: Only these people run them; empty: everybody.
        second_person: Somebody else has to approve each.
        approvers: Who may approve; empty: everybody but the one who asked.
        override: False: a failed precondition stops everybody.
        because: Shown to whom the rule stops.
    """

    environments: tuple[str, ...] = ("*",)
    procedures: tuple[str, ...] = ("*",)
    levels: tuple[Level, ...] = (Level.CHANGE, Level.DESTRUCTIVE)
    read_only: bool = False
    operators: tuple[str, ...] = ()
    second_person: bool = False
    approvers: tuple[str, ...] = ()
    override: bool = True
    because: str = ""

    def matches(self, procedure_id: str, environment: str, level: Level) -> bool:
        """Tell whether the rule speaks of such a command."""
        return (
            level in self.levels
            and any(fnmatchcase(environment, each) for each in self.environments)
            and any(fnmatchcase(procedure_id, each) for each in self.procedures)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a team allows.

    Attributes:
        raise_changes_in: Tiers in which a change is confirmed like a destructive command.
        override_in: Tiers in which a failed precondition may be overridden with a reason.
        approval_expires_s: How long a second person has.
        source: The file that it was read from; empty for what holds without one.
    """

    rules: tuple[Rule, ...] = ()
    raise_changes_in: tuple[Tier, ...] = (Tier.PRODUCTION,)
    override_in: tuple[Tier, ...] = (Tier.DEVELOPMENT, Tier.STAGING, Tier.SANDBOX)
    approval_expires_s: float = APPROVAL_EXPIRES_S
    source: str = ""

    def and_also(self, other: "Policy") -> "Policy":
        """Return the policy that allows what both allow."""
        return Policy(
            rules=self.rules + other.rules,
            raise_changes_in=tuple(
                tier for tier in Tier if tier in (*self.raise_changes_in, *other.raise_changes_in)
            ),
            override_in=tuple(tier for tier in self.override_in if tier in other.override_in),
            approval_expires_s=min(self.approval_expires_s, other.approval_expires_s),
            source=f"{self.source} and {other.source}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a policy says of one command.

    Attributes:
        level: What counts.
        confirmation: What the operator has to do first.
        refusal: Why this operator may not run it at all; empty if they may.
        may_override: A failed precondition may be overridden with a written reason.
        second_person: Somebody else has to approve it.
    """

    level: Level
    confirmation: Confirmation
    refusal: str = ""
    may_override: bool = True
    second_person: bool = False

    def require_permitted(self) -> None:
        """Raise RunError if the operator may not run it."""
        if self.refusal:
            raise RunError(self.refusal, fix="Skip the step, or hand the run over")


def rule_on(
    declared: Level,
    found: Level,
    *,
    policy: Policy,
    environment: Environment,
    procedure_id: str,
    operator: Operator,
) -> Ruling:
    """Return what holds for a command.

    Args:
        declared: Its level as the document says.
        found: Its level as the risk analysis says; the higher of both counts.
        policy: What the team allows.
        environment: Where it would run.
        procedure_id: The document that it stands in.
        operator: Who would run it.
    """
    level = highest(declared, found)
    if level is Level.CHANGE and environment.tier in policy.raise_changes_in:
        level = Level.DESTRUCTIVE
    rules = [r for r in policy.rules if r.matches(procedure_id, environment.name, level)]
    overridable = level is Level.READ or environment.tier in policy.override_in
    return Ruling(
        level=level,
        confirmation=_CONFIRMATIONS[level],
        refusal=_refusal(level, environment, rules, operator),
        may_override=overridable and all(rule.override for rule in rules),
        second_person=any(rule.second_person for rule in rules),
    )


def require_approver(
    operator: Operator, *, policy: Policy, environment: str, procedure_id: str, level: Level
) -> None:
    """Raise RunError if a rule that asks for a second person wants another one than ``operator``.

    Args:
        operator: Who would approve.
        policy: What the team allows.
        environment: Name of the environment where the command would run.
        procedure_id: The document that it stands in.
        level: Of the command, as it would be executed.
    """
    for rule in policy.rules:
        if not rule.second_person or not rule.matches(procedure_id, environment, level):
            continue
        if rule.approvers and not operator.is_among(rule.approvers):
            raise RunError(
                f"the policy lets only {', '.join(rule.approvers)} approve this, and not "
                f"{operator.name}",
                fix="Ask one of them",
            )


def confirm_word(command: "Command", environment: Environment) -> str:
    """Return the name to type before ``command`` when it is destructive."""
    return command.confirm or environment.name


def _refusal(
    level: Level, environment: Environment, rules: Sequence[Rule], operator: Operator
) -> str:
    if environment.read_only and level is not Level.READ:
        return f"environment {environment.name} is read-only here, and this step is a {level.value}"
    for rule in rules:
        because = f": {rule.because}" if rule.because else ""
        if rule.read_only:
            return f"the policy lets nobody run this {level.value} in {environment.name}{because}"
        if rule.operators and not operator.is_among(rule.operators):
            return (
                f"the policy lets only {', '.join(rule.operators)} run this {level.value} in "
                f"{environment.name}, and not {operator.name}{because}"
            )
    return ""
