"""Output on its way to the screen: clean, without secrets, line by line; pure."""

from collections.abc import Sequence

from procedures.execution.cleaning import Cleaner
from procedures.execution.redaction import redact

_LONGEST_LINE = 8192
"""Characters after which an unfinished line is let through."""


class Transcript:
    """Turns raw output into text that may be shown.

    An unfinished line is held back until it ends, for half a secret is not recognised as one.
    """

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        self._cleaner = Cleaner()
        self._secrets = tuple(secrets)
        self._unfinished = ""

    def feed(self, chunk: bytes) -> str:
        """Return the lines that ``chunk`` completes; empty if it completes none."""
        text = self._unfinished + self._cleaner.feed(chunk)
        end = text.rfind("\n") + 1
        if len(text) - end > _LONGEST_LINE:
            end = len(text)
        self._unfinished = text[end:]
        return redact(text[:end], self._secrets)

    def close(self) -> str:
        """Return the rest."""
        return redact(self._unfinished + self._cleaner.close(), self._secrets)
