"""What text every store of the ledger can hold, so that all of them refuse the same."""

from procedures.errors import LedgerError
from procedures.ledger.event import Draft

_FIELDS = ("kind", "subject", "environment", "operator")


def require_storable(draft: Draft) -> None:
    """Raise LedgerError if a field is not text in UTF-8, or holds a NUL.

    The body may hold anything: as JSON it is written in ASCII.
    """
    for name in _FIELDS:
        text: str = getattr(draft, name)
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise _refused(draft, name, "half of a character") from error
        if "\0" in text:
            raise _refused(draft, name, "a NUL character")


def _refused(draft: Draft, name: str, found: str) -> LedgerError:
    return LedgerError(
        f"the {name} of {draft.kind!r} holds {found}",
        fix="Rename what it stands for; nothing was recorded",
    )
