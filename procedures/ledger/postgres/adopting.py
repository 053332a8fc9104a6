"""Events of another ledger on their way into the table, as they are."""

import asyncio
from collections.abc import Iterable, Iterator
from itertools import islice

from procedures.errors import LedgerConflictError, LedgerError
from procedures.ledger.chain import GENESIS, Record, problem_of
from procedures.ledger.event import Mark
from procedures.ledger.postgres.appending import BEGIN, INSERT
from procedures.ledger.postgres.line import Connection
from procedures.ledger.postgres.schema import SCHEMA

ADOPT_S = 600.0
"""Seconds that taking over a ledger may last; meanwhile nobody else can record."""

_BATCH = 1000
_END = f"SELECT seq, hash FROM {SCHEMA}.event ORDER BY seq DESC LIMIT 1"  # noqa: S608 - constants


class Adopting:
    """Adds ``records``, which follow ``after``, or none of them; returns how many."""

    def __init__(self, records: Iterable[Record], after: Mark) -> None:
        self._records = iter(records)
        self._after = after

    async def __call__(self, connection: Connection) -> int:
        """Add them; raises what the client raises, or LedgerError."""
        await connection.execute(BEGIN)
        end = await connection.fetchrow(_END)
        if (end["seq"] if end else 0, end["hash"] if end else GENESIS) != (
            self._after.seq,
            self._after.hash,
        ):
            await connection.execute("ROLLBACK")
            raise LedgerConflictError(
                "another console recorded in the meantime", fix="Look at both ledgers again"
            )
        count, last = 0, self._after
        # In a thread: where they come from may block.
        while batch := await asyncio.to_thread(_next, self._records):
            for record in batch:
                if problem := problem_of(
                    record, expected_seq=last.seq + 1, previous_hash=last.hash
                ):
                    raise LedgerError(
                        f"event {record.seq} cannot be taken over: {problem}",
                        fix="Nothing was; verify the ledger that it comes from",
                    )
                last = Mark(seq=record.seq, hash=record.hash)
            await connection.executemany(INSERT, batch)
            count += len(batch)
        await connection.execute("COMMIT")
        return count


def _next(records: Iterator[Record]) -> list[Record]:
    return list(islice(records, _BATCH))
