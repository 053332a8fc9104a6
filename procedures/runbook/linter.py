"""The linter: everything that is wrong with documents, file by file; blocks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from procedures.errors import DocumentError, Problem
from procedures.runbook.catalogue import load
from procedures.runbook.model import Procedure
from procedures.runbook.rules import RULES, Surroundings
from procedures.runbook.shelf import Broken


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One problem of one file."""

    path: Path
    problem: Problem


def lint(paths: Sequence[Path], *, today: date) -> list[Complaint]:
    """Return what is wrong with the documents at or below ``paths``, by file and line.

    Args:
        paths: Files and directories; what a document refers to may lie in any of them.
        today: Against which reviews are overdue.

    Raises:
        DocumentError: A path does not exist.
    """
    for path in paths:
        if not path.exists():
            raise DocumentError(f"{path} does not exist", fix="Name a document or a directory")
    catalogue = load(paths)
    around = Surroundings(
        ids=frozenset(each.id for each in catalogue.procedures),
        today=today,
        leads_nowhere=_leads_nowhere,
    )
    complaints = [each for broken in catalogue.broken for each in _of_broken(broken)]
    complaints += [
        Complaint(path=procedure.path, problem=problem)
        for procedure in catalogue.procedures
        for rule in RULES
        for problem in rule(procedure, around)
    ]
    return sorted(complaints, key=lambda each: (each.path, each.problem.line, each.problem.code))


def _of_broken(broken: Broken) -> Iterator[Complaint]:
    error = broken.error
    problems = error.problems or (Problem(line=1, text=error.what, fix=error.fix),)
    yield from (Complaint(path=broken.path, problem=problem) for problem in problems)


def _leads_nowhere(procedure: Procedure, path: str) -> bool:
    return not (procedure.path.parent / path).exists()
