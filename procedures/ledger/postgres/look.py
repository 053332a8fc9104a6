"""A look at a database that the settings name, without changing anything there."""

import asyncio

from procedures.ledger.address import LedgerAddress
from procedures.ledger.postgres import schema
from procedures.ledger.postgres.door import Door
from procedures.ledger.postgres.explain import FAILURES, explain


def look(address: LedgerAddress) -> str:
    """Return in a few words what is there; blocks. LedgerError if it cannot be used."""
    return asyncio.run(_look(Door(address.url, address.password, read_only=True)))


async def _look(door: Door) -> str:
    try:
        connection = await door.connection()
        try:
            if not await schema.holds_anything(connection):
                return "answers, and holds no ledger yet"
            await schema.prepare(connection, door.place, read_only=True)
            events = await connection.fetchval(f"SELECT max(seq) FROM {schema.SCHEMA}.event")  # noqa: S608 - constant
        finally:
            connection.terminate()
    except FAILURES as error:
        raise explain(error, door.place, used=False) from error
    return f"answers, and holds {events or 0} events"
