"""What a procedure document says, as plain values; positions are lines of the source, from 1."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType

from procedures.environment import Method
from procedures.reference.levels import Level
from procedures.runbook.assertions import Assertion


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A value that the operator gives before the run begins; commands see it as a variable."""

    name: str
    type: str = "string"
    """string, integer, path or choice."""
    default: str | None = None
    help: str = ""
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[str, ...] = ()
    must_exist: bool = False
    secret: bool = False
    """Not shown while it is typed, not recorded, and taken out of all output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command line exactly as the document shows it.

    Attributes:
        methods: Deployment methods that it is for; empty means any.
        level: As the document declares it; the risk analysis may only raise it.
        affects: What it affects and what is lost: the words to confirm.
        confirm: Name to type before a destructive command; empty: the environment's name.
        timeout_s: Seconds after which it is stopped.
        irreversible: The document says that nothing undoes it.
        background: It stays behind while the next steps are taken.
        interactive: It asks questions of its own.
    """

    script: str
    line: int
    methods: tuple[Method, ...] = ()
    level: Level = Level.READ
    affects: str = ""
    confirm: str = ""
    timeout_s: float = 300.0
    name: str = ""
    cwd: str = ""
    irreversible: bool = False
    background: bool = False
    interactive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A soak: ``duration`` during which ``condition`` (if any) must hold without a break."""

    duration: timedelta
    condition: Assertion | None
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A GitHub alert, shown before the command: note, tip, important, warning or caution."""

    kind: str
    text: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One manual item that the operator ticks."""

    text: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One way out of a decision; ``target`` is a procedure id, or empty to go on.

    Attributes:
        leads_to: What the document writes after the arrow, without the link's address.
    """

    label: str
    target: str
    line: int
    leads_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do.

    Parts apply in the order notices, preconditions, command, expect, checks, wait, items, choices.

    Attributes:
        id: Stable within the procedure: the slug of the title, numbered if it repeats.
        prose: Markdown of the step without its fences, lists of items and notices.
        why: The **Why** paragraph.
        if_it_fails: The **If it fails** part.
        preconditions: Assertions that must hold before the command may run.
        commands: At most one applies to each method.
        expect: Lines that the command's output must show, in order; ``…`` matches anything.
        checks: Assertions that must all hold after the command (or alone).
    """

    id: str
    title: str
    line: int
    prose: str = ""
    why: str = ""
    if_it_fails: str = ""
    notices: tuple[Notice, ...] = ()
    preconditions: tuple[Assertion, ...] = ()
    commands: tuple[Command, ...] = ()
    expect: tuple[str, ...] = ()
    checks: tuple[Assertion, ...] = ()
    wait: Wait | None = None
    message: str = ""
    undo: tuple[Command, ...] = ()
    items: tuple[Item, ...] = ()
    choices: tuple[Choice, ...] = ()

    def command_for(self, method: Method) -> Command | None:
        """Return the command that applies to ``method``, if any."""
        for command in self.commands:
            if not command.methods or method in command.methods:
                return command
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A group of steps, with the time that it may take (None: not stated)."""

    title: str
    line: int
    prose: str = ""
    budget: timedelta | None = None
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """A whole document.

    Attributes:
        id: Kebab-case; the file's name without its suffix.
        when: Names of alerts that lead here.
        rollback: Id of the procedure that undoes this one.
        digest: SHA-256 of the source text, hexadecimal: which text a run walked.
        source: The whole document as it was read.
    """

    id: str
    title: str
    path: Path
    digest: str
    source: str = field(repr=False)
    theme: str = ""
    summary: str = ""
    when: tuple[str, ...] = ()
    severity: tuple[str, ...] = ()
    methods: tuple[Method, ...] = tuple(Method)
    duration: timedelta | None = None
    roles: tuple[str, ...] = ()
    inputs: Mapping[str, Input] = field(default_factory=lambda: MappingProxyType({}))
    rollback: str = ""
    reviewed: date | None = None
    review_every: timedelta | None = None
    intro: str = ""
    phases: tuple[Phase, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps of all phases, in order."""
        return tuple(step for phase in self.phases for step in phase.steps)
