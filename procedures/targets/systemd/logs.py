"""The log of a unit, from the journal."""

from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing

from procedures.targets.log_lines import LogLine
from procedures.targets.systemd import questions
from procedures.targets.systemd.entries import Entry, log_lines, microseconds
from procedures.targets.systemd.journal import entries
from procedures.targets.target import LogQuery

_BATCH = 500

Batches = AsyncGenerator[Sequence[LogLine], None]


class UnitLog:
    """The log of one unit.

    Args:
        units: Full names whose lines belong to it.
        name: What its lines say that wrote them.
        variables: The whole environment of journalctl.
    """

    def __init__(self, units: Sequence[str], name: str, variables: Mapping[str, str]) -> None:
        self._units = units
        self._name = name
        self._variables = variables
        self._read_to = 0

    async def read(self, query: LogQuery, *, now_us: int) -> Batches:
        """Yield what there is, and with ``follow`` what is written from now on.

        Args:
            query: Which part.
            now_us: The present, in microseconds since 1970.
        """
        if query.tail != 0:
            argv = questions.log(self._units, query.since, query.tail)
            async with aclosing(self._past(argv, query)) as batches:
                async for batch in batches:
                    yield batch
        if query.follow:
            argv = questions.follow(self._units, self._read_to or now_us)
            async with aclosing(entries(argv, self._variables, endless=True)) as found:
                async for each in found:
                    yield log_lines(each, self._name)

    async def read_life(self, invocation: str, query: LogQuery) -> Batches:
        """Yield what was written in one life of the unit."""
        argv = questions.log_of_life(invocation, query.since, query.tail)
        async with aclosing(self._past(argv, query)) as batches:
            async for batch in batches:
                yield batch

    async def life_before(self, present: str) -> str:
        """Return the invocation before the present one; empty if the journal knows of none."""
        argv = questions.lives(self._units[0])
        async with aclosing(entries(argv, self._variables)) as found:
            async for batch in found:
                for entry in batch:
                    life = entry.get("INVOCATION_ID")
                    if isinstance(life, str) and life not in {"", present}:
                        return life
        return ""

    async def _past(self, argv: tuple[str, ...], query: LogQuery) -> Batches:
        """Yield the lines of an answer that ends, as it comes or, of the last ones, at its end."""
        ending: deque[LogLine] = deque(maxlen=query.tail)
        newest_first: list[Entry] = []
        backwards = questions.is_reversed(query.since, query.tail)
        async with aclosing(entries(argv, self._variables)) as found:
            async for batch in found:
                self._read_to = max([self._read_to, *(microseconds(e) or 0 for e in batch)])
                if backwards:
                    newest_first += batch
                elif query.tail is None:
                    yield log_lines(batch, self._name)
                else:
                    ending.extend(log_lines(batch, self._name))
        ending.extend(log_lines(reversed(newest_first), self._name))
        for at in range(0, len(lines := list(ending)), _BATCH):
            yield lines[at : at + _BATCH]
