"""The ``[ledger]`` table: the database where a team keeps its record."""

import re
from collections.abc import Sequence
from pathlib import PurePath
from urllib.parse import parse_qsl, urlsplit

from procedures.errors import SettingsError
from procedures.ledger.address import LedgerAddress
from procedures.runbook.problems import nearest
from tui.settings.endpoints import EndpointReader
from tui.settings.table import Table

OPTIONS = (
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "sslcrl",
    "target_session_attrs",
)
"""What may stand behind '?' in the address; libpq's names and values."""

_FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")
_CHOICES = {
    "sslmode": ("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    "target_session_attrs": ("any", "primary", "standby", "prefer-standby", "read-write",
                             "read-only"),
}  # fmt: skip
_EXAMPLE = 'Write url = "postgresql://quarterdeck@db.example.org:5432/quarterdeck"'


def read_ledger(table: Table, endpoints: EndpointReader) -> LedgerAddress | None:
    """Return where the shared ledger is; None when this machine keeps its own."""
    url = table.parsed("url", ledger_url, "")
    password = endpoints.secret(table, "password")
    if "url" not in table and "password" in table:
        table.refuse("password", "needs `url` beside it", fix=_EXAMPLE)
    table.close()
    return LedgerAddress(url=url, password=password) if url else None


def ledger_url(text: str) -> str:
    """Return the address of a PostgreSQL database, as it is written.

    No refusal repeats the address, which may hold what the operator meant to keep.
    """
    try:
        parts = urlsplit(text)
        options = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError as error:
        raise SettingsError("is no address", fix=_EXAMPLE) from error
    if parts.scheme not in ("postgresql", "postgres") or re.search(r"[\s\x00-\x1f]", text):
        raise SettingsError("is no address of a PostgreSQL database", fix=_EXAMPLE)
    user, _, hosts = parts.netloc.rpartition("@")
    if ":" in user or any(name in ("password", "passfile") for name, _ in options):
        raise SettingsError(
            "carries a password in the address",
            fix='Move it to password = { env = "…" }, { file = "…" } or { command = […] }',
        )
    if parts.fragment or not parts.path.strip("/") or "/" in parts.path.strip("/"):
        raise SettingsError("does not end with the name of one database", fix=_EXAMPLE)
    _require_hosts(hosts)
    _require_known(options)
    return text


def _require_hosts(hosts: str) -> None:
    for host in hosts.split(",") if hosts else ():
        try:
            parts = urlsplit(f"//{host}")
            usable = bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable:
            raise SettingsError("names a host or port that cannot be", fix=_EXAMPLE)


def _require_known(options: Sequence[tuple[str, str]]) -> None:
    for name, value in options:
        if name not in OPTIONS:
            raise SettingsError(f"has an unknown option '{name}'", fix=nearest(name, OPTIONS))
        if name in _FILES and not PurePath(value).is_absolute():
            raise SettingsError(f"has a {name} that is no absolute path", fix="Write it in full")
        choices = _CHOICES.get(name, ())
        if choices and value not in choices:
            raise SettingsError(f"has {name}={value}", fix=nearest(value, choices))
