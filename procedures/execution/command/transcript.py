"""Output on its way to the screen: clean, without secrets, line by line; pure."""

import codecs
from collections.abc import Iterable

from procedures.execution.cleaning import Cleaner
from procedures.execution.secrets.redaction import Redactor


class Transcript:
    """Turns raw output into text that may be shown.

    The supervisor has taken the secrets out already. They are looked for again in the clean text,
    for what hid one from the supervisor, such as a colour within it, is gone from that.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._cleaner = Cleaner()
        self._redactor = Redactor(secrets)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, chunk: bytes) -> str:
        """Return what ``chunk`` completes, mostly whole lines; empty if it completes none."""
        return self._decoder.decode(self._redactor.feed(self._cleaner.feed(chunk).encode()))

    def close(self) -> str:
        """Return the rest."""
        rest = self._redactor.feed(self._cleaner.close().encode()) + self._redactor.close()
        return self._decoder.decode(rest, final=True)
