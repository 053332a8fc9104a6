"""How a PostgreSQL server is entered: address, password, certificates, patience."""

import asyncio
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import asyncpg

from procedures.environment import Secret
from procedures.errors import LedgerError, SourceError
from procedures.ledger.address import place
from procedures.ledger.postgres import schema
from procedures.signals.secrets import resolve

CONNECT_S = 3.0
"""Seconds to wait until a server has let us in."""

STATEMENT_S = 4.0
"""Seconds to wait for one answer; a firewall that swallows packets says nothing at all."""

_FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")


class Door:
    """Opens connections to the database at ``url``.

    Args:
        url: As ``LedgerAddress.url``.
        password: Read when it is first needed, and again after it was refused.
        read_only: Ask for no right but to read.
    """

    def __init__(self, url: str, password: Secret | None, *, read_only: bool) -> None:
        self.place = place(url)
        self.role = ""
        self._url = url
        self._secret = password
        self._password: str | None = None
        self._read_only = read_only
        _require_usable(url, self.place)

    async def connection(self) -> "asyncpg.Connection[asyncpg.Record]":
        """Return a new connection; raises what the client raises, or LedgerError."""
        if self._secret is not None and self._password is None:
            self._password = await asyncio.to_thread(_read, self._secret, self.place)
        try:
            return await asyncpg.connect(
                self._url,
                password=self._password,
                timeout=CONNECT_S,
                command_timeout=STATEMENT_S,
                server_settings={"application_name": "quarterdeck"},
            )
        except asyncpg.InvalidAuthorizationSpecificationError:
            self._password = None
            raise

    async def ledger(self) -> "asyncpg.Connection[asyncpg.Record]":
        """Return a new connection to what is surely a ledger."""
        connection = await self.connection()
        try:
            self.role = await connection.fetchval("SELECT current_user")
            await schema.prepare(connection, self.place, read_only=self._read_only)
        except BaseException:
            connection.terminate()
            raise
        return connection


def _require_usable(url: str, place: str) -> None:
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    if ":" in parts.netloc.rpartition("@")[0] or "password" in options:
        raise LedgerError(
            f"the address of the ledger {place} holds a password",
            fix="Give it apart, as `password` under [ledger] in the settings",
        )
    for name in _FILES:
        if name in options and not Path(options[name]).is_file():
            raise LedgerError(
                f"the {name} of the ledger {place} is no file: {options[name]}",
                fix=f"Correct {name} in `url` under [ledger] in the settings",
            )


def _read(secret: Secret, place: str) -> str:
    try:
        return resolve(secret)
    except SourceError as error:
        raise LedgerError(
            f"the password of the ledger {place} cannot be had: {error.what}", fix=error.fix
        ) from error
