"""The root of every error that an operator may read.

::

    ProcedureError            what happened and where, and the next move
    ├── PolicyDataError      the shipped policy data is inconsistent   (reference)
    ├── SettingsError         a settings file cannot be used            (environment)
    ├── PolicyError           a policy file cannot be used              (execution)
    ├── SourceError           a source gave no usable answer            (signals)
    ├── DocumentError         a Markdown procedure cannot be used       (runbook)
    ├── LedgerError           the record cannot be read or written      (ledger)
    │   ├── LedgerConflictError   another console recorded first        (ledger)
    │   └── LedgerUnreachableError   a shared ledger does not answer    (ledger)
    ├── RunError              a run cannot take this turn               (execution)
    └── SandboxError          the embedded service cannot run           (sandbox)
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong in a document.

    Attributes:
        line: Where it stands, from 1.
        text: What is wrong, one sentence without a full stop.
        fix: The next move, in the imperative; may be empty.
        code: Kebab-case name of the rule that is broken; for tools, and stable.
    """

    line: int
    text: str
    fix: str = ""
    code: str = "document"


class ProcedureError(Exception):
    """Something an operator must know about.

    Attributes:
        what: The thing concerned and the cause, one sentence without a full stop.
        fix: The next move, in the imperative; empty when there is none to advise.
    """

    def __init__(self, what: str, *, fix: str = "") -> None:
        super().__init__(f"{what}\n  {fix}" if fix else what)
        self.what = what
        self.fix = fix


class PolicyDataError(ProcedureError):
    """The data shipped in ``procedures/reference`` contradicts itself."""


class SettingsError(ProcedureError):
    """A settings file cannot be used; ``what`` names file and key."""


class PolicyError(ProcedureError):
    """A policy file cannot be used; ``what`` names file and key."""


class SourceError(ProcedureError):
    """A source gave no usable answer: unreachable, slow, refused or not understood."""


class DocumentError(ProcedureError):
    """A procedure document cannot be used; ``what`` begins with ``path:line``.

    Attributes:
        problems: All that is wrong, by line; empty when the file could not be read at all.
    """

    def __init__(self, what: str, *, fix: str = "", problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(what, fix=fix)
        self.problems = problems


class LedgerError(ProcedureError):
    """The ledger cannot be read, written or trusted."""


class LedgerConflictError(LedgerError):
    """The story went on in another console since it was last read."""


class LedgerUnreachableError(LedgerError):
    """A shared ledger does not answer.

    Attributes:
        doubtful: Hash of the event that may have been recorded all the same; mostly empty.
    """

    def __init__(self, what: str, *, fix: str = "", doubtful: str = "") -> None:
        super().__init__(what, fix=fix)
        self.doubtful = doubtful


class RunError(ProcedureError):
    """A run cannot take the requested turn."""


class RunOpenError(RunError):
    """A run of the same procedure is open in the environment.

    Attributes:
        run_id: Of that run.
    """

    def __init__(self, what: str, *, fix: str = "", run_id: str) -> None:
        super().__init__(what, fix=fix)
        self.run_id = run_id


class SandboxError(ProcedureError):
    """The embedded service cannot start, answer or stop."""
