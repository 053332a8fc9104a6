"""Events of another ledger on their way into the table, as they are."""

import asyncio
from collections.abc import Iterable, Iterator
from itertools import islice

from procedures.errors import LedgerConflictError
from procedures.ledger.chain import START, Record, joined
from procedures.ledger.event import Mark
from procedures.ledger.postgres.appending import BEGIN, INSERT
from procedures.ledger.postgres.line import Connection
from procedures.ledger.postgres.schema import SCHEMA

ADOPT_S = 1800.0
"""Seconds that taking over a ledger may last; meanwhile nobody else can record."""

BATCH_S = 60.0
"""Seconds for the next thousand events, to come here and to be written."""

_BATCH = 1000
_PATIENTLY = f"{BEGIN}; SET LOCAL idle_in_transaction_session_timeout = '{BATCH_S:g}s'"
_END = f"SELECT seq, hash FROM {SCHEMA}.event ORDER BY seq DESC LIMIT 1"  # noqa: S608 - constants


class Adopting:
    """Adds ``records`` to the end of the chain, all of them or none; returns how many."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._records = iter(records)

    async def __call__(self, connection: Connection) -> int:
        """Add them; raises what the client raises, or LedgerError."""
        await connection.execute(_PATIENTLY)
        end = await connection.fetchrow(_END)
        last, count = Mark(seq=end["seq"], hash=end["hash"]) if end else START, 0
        # In a thread: where they come from may block.
        while batch := await asyncio.to_thread(_next, self._records):
            try:
                last, count = joined(batch, after=last), count + len(batch)
            except LedgerConflictError:
                await connection.execute("ROLLBACK")  # the connection stays in use
                raise
            await connection.executemany(INSERT, batch, timeout=BATCH_S)
        await connection.execute("COMMIT", timeout=BATCH_S)
        return count


def _next(records: Iterator[Record]) -> list[Record]:
    return list(islice(records, _BATCH))
