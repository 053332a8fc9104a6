"""The procedures at hand, found by id, by alert or by theme."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from procedures.errors import DocumentError, Problem
from procedures.runbook.model import Procedure


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A document that cannot be used, and why."""

    path: Path
    error: DocumentError


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All documents that were found.

    Attributes:
        procedures: Those that can be walked, by theme and title; ids are unique.
        broken: Those that cannot, by path.
        notes: What was not understood of each foreign document; only these are keys.
    """

    procedures: tuple[Procedure, ...] = ()
    broken: tuple[Broken, ...] = ()
    notes: Mapping[Path, tuple[Problem, ...]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def themes(self) -> tuple[str, ...]:
        """Names of the themes that have a procedure, in order."""
        return tuple(dict.fromkeys(procedure.theme for procedure in self.procedures))

    def get(self, id: str) -> Procedure | None:
        """Return the procedure called ``id``, if there is one."""
        return next((each for each in self.procedures if each.id == id), None)

    def for_alert(self, name: str) -> tuple[Procedure, ...]:
        """Return the procedures that an alert leads to, those made for fewest alerts first."""
        leads = (each for each in self.procedures if name in each.when)
        return tuple(sorted(leads, key=lambda procedure: len(procedure.when)))

    def for_theme(self, theme: str) -> tuple[Procedure, ...]:
        """Return the procedures of one theme."""
        return tuple(each for each in self.procedures if each.theme == theme)
