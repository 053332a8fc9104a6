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
    """One problem of one file.

    Attributes:
        is_warning: It stops nothing: some words of a plain runbook that were not understood.
    """

    path: Path
    problem: Problem
    is_warning: bool = False


def lint(paths: Sequence[Path], *, today: date) -> list[Complaint]:
    """Return what is wrong with the documents at or below ``paths``, by file and line.

    The house rules are for our own documents; a plain runbook only has warnings.

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
        if procedure.path not in catalogue.notes
        for rule in RULES
        for problem in rule(procedure, around)
    ]
    complaints += [
        Complaint(path=path, problem=problem, is_warning=True)
        for path, notes in catalogue.notes.items()
        for problem in notes
    ]
    return sorted(complaints, key=lambda each: (each.path, each.problem.line, each.problem.code))


def _of_broken(broken: Broken) -> Iterator[Complaint]:
    error = broken.error
    problems = error.problems or (Problem(line=1, text=error.what, fix=error.fix),)
    yield from (Complaint(path=broken.path, problem=problem) for problem in problems)


def _leads_nowhere(procedure: Procedure, path: str) -> bool:
    return not (procedure.path.parent / path).exists()
