"""What is known of a document without opening it: a line of the list, and what finds it."""

import json
from dataclasses import asdict, dataclass, replace
from enum import Enum
from pathlib import Path

from procedures.environment import Method
from procedures.errors import DocumentError
from procedures.reference.levels import Level, highest
from procedures.runbook.model import Procedure


class Kind(Enum):
    """What an entry stands for."""

    PROCEDURE = "procedure"
    PAGE = "page"
    """A reference page: read, never walked."""
    BROKEN = "broken"
    """A document that cannot be used; ``problem`` says why."""
    UNREAD = "unread"
    """A document that has not been read since it changed; only its head is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One document.

    Attributes:
        path: Where it lies; of a page, the data that it is made from.
        when: Names of alerts that lead here.
        level: The highest level that a command of it declares.
        duration_s: Expected seconds; None when it does not say.
        problem: Of a broken document, the path, the line and what is wrong.
        fix: What to do about it.
        notes: How many places of a foreign document were not understood.
        foreign: Whether it is a plain runbook, without our front matter.
    """

    path: Path
    kind: Kind
    id: str
    title: str
    theme: str = ""
    summary: str = ""
    when: tuple[str, ...] = ()
    severity: tuple[str, ...] = ()
    methods: tuple[Method, ...] = ()
    roles: tuple[str, ...] = ()
    level: Level = Level.READ
    duration_s: float | None = None
    problem: str = ""
    fix: str = ""
    notes: int = 0
    foreign: bool = False

    def broken_by(self, problem: str, fix: str) -> "Entry":
        """Return the entry as one that cannot be used."""
        return replace(self, kind=Kind.BROKEN, problem=problem, fix=fix)


def entry_of(procedure: Procedure, *, notes: int = 0, foreign: bool = False) -> Entry:
    """Return the entry of a procedure."""
    return Entry(
        path=procedure.path,
        kind=Kind.PROCEDURE,
        id=procedure.id,
        title=procedure.title,
        theme=procedure.theme,
        summary=procedure.summary,
        when=procedure.when,
        severity=procedure.severity,
        methods=procedure.methods,
        roles=procedure.roles,
        level=highest(*(c.level for step in procedure.steps for c in step.commands)),
        duration_s=procedure.duration.total_seconds() if procedure.duration else None,
        notes=notes,
        foreign=foreign,
    )


def broken_entry(path: Path, error: DocumentError) -> Entry:
    """Return the entry of a document that cannot be used."""
    return Entry(
        path=path,
        kind=Kind.BROKEN,
        id=path.stem,
        title=path.name,
        theme=path.parent.name,
        problem=error.what,
        fix=error.fix,
    )


def dump(entry: Entry) -> str:
    """Return ``entry`` as JSON."""
    fields = asdict(entry)
    fields |= {"path": str(entry.path), "kind": entry.kind.value, "level": entry.level.value}
    fields["methods"] = [method.value for method in entry.methods]
    return json.dumps(fields, ensure_ascii=False)


def restore(text: str) -> Entry:
    """Return the entry that :func:`dump` wrote; ValueError, KeyError or TypeError if it is none."""
    fields = json.loads(text)
    lists = {name: tuple(fields[name]) for name in ("when", "severity", "roles")}
    return Entry(
        **{
            **fields,
            **lists,
            "path": Path(fields["path"]),
            "kind": Kind(fields["kind"]),
            "level": Level(fields["level"]),
            "methods": tuple(Method(word) for word in fields["methods"]),
        }
    )
