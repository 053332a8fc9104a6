"""One event on its way into the table, over as many connections as it takes."""

from procedures.clock import Clock
from procedures.errors import LedgerConflictError
from procedures.ledger.chain import GENESIS, Record, seal
from procedures.ledger.event import Draft
from procedures.ledger.postgres.line import Connection
from procedures.ledger.postgres.schema import COLUMNS, LOCK, SCHEMA

LOCKED_S = 4
"""Seconds to wait while others record."""

SILENT_S = 3
"""Seconds after which the server ends the transaction of a console that has fallen silent: less
than LOCKED_S, so that a dead console holds up the others, but fails none."""

# A console reads the end of the chain only while it alone may lengthen it, and anew in each
# statement, whatever the isolation that is usual in this database.
BEGIN = f"""
BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
SET LOCAL synchronous_commit = on;
SET LOCAL lock_timeout = '{LOCKED_S}s';
SET LOCAL idle_in_transaction_session_timeout = '{SILENT_S}s';
SELECT pg_advisory_xact_lock({LOCK})
"""
_END_OF_CHAIN = f"""
SELECT coalesce((SELECT max(seq) FROM {SCHEMA}.event), 0) AS seq,
       (SELECT hash FROM {SCHEMA}.event ORDER BY seq DESC LIMIT 1) AS hash,
       coalesce((SELECT max(seq) FROM {SCHEMA}.event WHERE subject = $1), 0) AS of_subject,
       EXISTS (SELECT FROM {SCHEMA}.event WHERE seq = $2 AND hash = $3) AS recorded
"""  # noqa: S608 - constants
INSERT = f"INSERT INTO {SCHEMA}.event ({COLUMNS}) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)"  # noqa: S608 - constants


class Appending:
    """Records ``draft`` once; call it again with a new connection when the last one broke.

    When a connection breaks between INSERT and the answer to COMMIT, nobody knows whether the
    event was recorded. The lock tells: the next attempt gets it only when the former transaction
    has ended one way or the other, and then looks for the very hash.

    """

    def __init__(self, draft: Draft, after: int | None, clock: Clock) -> None:
        self._draft = draft
        self._after = after
        self._clock = clock
        self._sent: Record | None = None

    @property
    def doubtful(self) -> str:
        """Hash of the event that may have been recorded without our knowing; mostly empty."""
        return self._sent.hash if self._sent else ""

    async def __call__(self, connection: Connection) -> Record:
        """Record it; raises what the client raises, or LedgerConflictError."""
        await connection.execute(BEGIN)
        sent = self._sent
        end = await connection.fetchrow(
            _END_OF_CHAIN, self._draft.subject, sent.seq if sent else 0, sent.hash if sent else ""
        )
        assert end is not None  # noqa: S101 - a SELECT without FROM has one row
        if sent and end["recorded"]:
            await connection.execute("ROLLBACK")
            return sent
        self._sent = None
        if self._after is not None and end["of_subject"] > self._after:
            await connection.execute("ROLLBACK")
            raise LedgerConflictError(
                f"another console recorded on {self._draft.subject} in the meantime",
                fix="Look at its present state and decide again",
            )
        record = seal(
            self._draft,
            seq=end["seq"] + 1,
            at=self._clock.now(),
            previous_hash=end["hash"] or GENESIS,
        )
        self._sent = record
        await connection.execute(INSERT, *record)
        await connection.execute("COMMIT")
        return record
