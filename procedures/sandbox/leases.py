"""Who still needs the sandbox."""

import asyncio


class Leases:
    """Counts consoles; the sandbox ends when the last one is gone.

    Attributes:
        abandoned: Set when nobody is left.
    """

    def __init__(self) -> None:
        self.abandoned = asyncio.Event()
        self._owned = True
        self._guests = 0

    @property
    def guests(self) -> int:
        """Consoles that joined a sandbox which another one started."""
        return self._guests

    def take(self) -> None:
        """A console joined."""
        self._guests += 1

    def give_back(self) -> None:
        """A console that had joined is gone."""
        self._guests -= 1
        self._consider()

    def disown(self) -> None:
        """The console that started the sandbox is gone."""
        self._owned = False
        self._consider()

    def _consider(self) -> None:
        if not self._owned and not self._guests:
            self.abandoned.set()
