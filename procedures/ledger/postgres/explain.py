"""What a PostgreSQL server, or the way to it, has against us, in an operator's words."""

import socket
import ssl

from asyncpg import InterfaceError, InternalClientError, PostgresError

from procedures.errors import LedgerError, LedgerUnreachableError
from procedures.execution.cleaning import clean_line
from procedures.ledger.postgres.schema import grants

FAILURES = (PostgresError, InterfaceError, InternalClientError, OSError)
"""What the client raises; timeouts and all failures of the network are OSErrors."""

_SETTINGS = "under [ledger] in the settings"
_MISSING = ("holds no ledger that can be read", "Restore it from a copy, or name another database")
_SAID_BY_STATE = {
    "28P01": ("refused the password", f"Correct `password` {_SETTINGS}, or in ~/.pgpass"),
    "28000": (
        "does not let us in: {message}",
        f"Correct the user in `url` {_SETTINGS}, or let its administrator allow it (pg_hba.conf)",
    ),
    "3D000": (
        "does not exist: {message}",
        f"Create it with createdb, or correct `url` {_SETTINGS}",
    ),
    "42501": ("may not be used by this user: {message}", "Let its owner run: {grants}"),
    "25006": (
        "cannot be written: its server only reads",
        "Name the primary server, or add ?target_session_attrs=read-write to the url",
    ),
    "53100": ("cannot grow: the disk of its server is full", "Free some space there"),
    "53300": (
        "has no connection left for us",
        "Close other consoles, or let its administrator raise max_connections",
    ),
    "57P03": ("is starting up or shutting down", "Try again in a moment"),
    "55P03": ("was locked by another console for too long", "Try again in a moment"),
    "42P01": _MISSING,
    "3F000": _MISSING,
}
"""By SQLSTATE: what is the matter, and the next move."""

_PASSING_CLASSES = ("08", "40", "53", "57", "58")
"""Lost connections, conflicts of transactions, scarce resources, shutdowns, failures of a disk."""

_PASSING_STATES = ("25P03", "55P03", "23505", "P0001")
"""Idle in a transaction, locked; and the end of the chain moved by someone who took no lock."""

_NOT_PASSING_STATES = ("57P04",)


def is_passing(error: BaseException) -> bool:
    """Tell whether the same may succeed in a moment, over a new connection."""
    if isinstance(error, PostgresError):
        state = error.sqlstate or ""
        passing = state.startswith(_PASSING_CLASSES) or state in _PASSING_STATES
        return passing and state not in _NOT_PASSING_STATES
    if isinstance(error, InterfaceError):
        # Those that are also ValueErrors are about the address or a value, not the connection.
        return not isinstance(error, ValueError)
    return not (_is_unknown_host(error) or _is_tls(error))


def explain(error: BaseException, place: str, role: str = "USER", *, used: bool) -> LedgerError:
    """Return ``error`` in an operator's words; it never holds a password.

    Args:
        error: One of FAILURES.
        place: How errors name the database.
        role: Whom to grant rights to.
        used: The ledger was in use before. Then whatever is wrong with it now is taken to pass:
            what could not be recorded has to wait.
    """
    what, fix = _said(error)
    message = error.message if isinstance(error, PostgresError) else str(error)
    said = what.format(message=clean_line(" ".join(str(message).split())))
    kind = LedgerUnreachableError if used or is_passing(error) else LedgerError
    return kind(f"the ledger {place} {said}", fix=fix.format(grants=grants(role)))


def _said(error: BaseException) -> tuple[str, str]:
    if isinstance(error, PostgresError) and not isinstance(error, OSError):
        state = error.sqlstate or ""
        if state.startswith(("08", "57P")) and state not in _SAID_BY_STATE:
            return "broke the connection", "Try again in a moment"
        return _SAID_BY_STATE.get(state, ("refused: {message}", "Ask its administrator"))
    if isinstance(error, TimeoutError):
        return "does not answer in time", "Check the network, its firewalls and the server"
    if _is_unknown_host(error):
        return "is at a host that is not known", f"Correct `url` {_SETTINGS}, or check DNS"
    if _is_tls(error):
        return (
            "cannot be reached over TLS: {message}",
            f"Correct sslmode and sslrootcert in `url` {_SETTINGS}",
        )
    if isinstance(error, InterfaceError) and isinstance(error, ValueError):
        return "has an address that cannot be used: {message}", f"Correct `url` {_SETTINGS}"
    return "cannot be reached: {message}", "Check that the server runs, and the way to it"


def _is_unknown_host(error: BaseException) -> bool:
    return isinstance(error, socket.gaierror) and error.errno != socket.EAI_AGAIN


def _is_tls(error: BaseException) -> bool:
    refused = isinstance(error, ConnectionError) and "SSL" in str(error)
    return isinstance(error, ssl.SSLError) or refused
