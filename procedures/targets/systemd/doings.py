"""What systemd did with its units, and what it does: from the journal of process 1."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime

from procedures.errors import SourceError
from procedures.targets.changes import Change
from procedures.targets.systemd import questions
from procedures.targets.systemd.changes import change_of, folded
from procedures.targets.systemd.entries import Entry, microseconds
from procedures.targets.systemd.journal import entries

_RECONNECT_S = 1.0


class Doings:
    """What systemd does with some units.

    Args:
        source: Name of the target.
        variables: The whole environment of journalctl.
    """

    def __init__(self, source: str, variables: Mapping[str, str]) -> None:
        self._source = source
        self._variables = variables

    async def since(self, at: datetime, units: Collection[str]) -> Sequence[Change]:
        """Return what happened to units since then, the oldest first."""
        found: list[Change] = []
        if not units:
            return found
        argv = questions.changes(sorted(units), at)
        async with aclosing(entries(argv, self._variables)) as batches:
            async for batch in batches:
                found += self._changes(batch, units)
        return folded(found)

    async def news(
        self, units: Callable[[], Collection[str]], *, now_us: int
    ) -> AsyncGenerator[Change, None]:
        """Yield what happens to units from now on.

        Args:
            units: Tells which they are at the moment.
            now_us: The present, in microseconds since 1970.
        """
        heard_to = now_us
        while True:
            begun = time.monotonic()
            try:
                argv = questions.news(heard_to)
                async with aclosing(entries(argv, self._variables, endless=True)) as batches:
                    async for batch in batches:
                        heard_to = max([heard_to, *((microseconds(e) or 0) + 1 for e in batch)])
                        for change in self._changes(batch, units()):
                            yield change
            except SourceError:
                # One that worked for a while was ended by something; one that never did says why.
                if time.monotonic() - begun < _RECONNECT_S:
                    raise
            await asyncio.sleep(_RECONNECT_S)

    def _changes(self, batch: Sequence[Entry], units: Collection[str]) -> list[Change]:
        about = (each for each in batch if each.get("UNIT") in units)
        return [change for each in about if (change := change_of(each, self._source)) is not None]
