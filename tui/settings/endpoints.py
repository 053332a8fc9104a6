"""Addresses and secrets of a settings file."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from procedures.environment import Endpoint, Secret
from procedures.errors import SettingsError
from tui.settings.table import Table, kind
from tui.settings.units import address

_TELLING_HEADER = re.compile(r"auth|cookie|key|password|secret|token", re.IGNORECASE)
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


class EndpointReader:
    """Reads endpoints and the secrets within them.

    Args:
        base: Directory that relative paths start from.
        exposed: Advice to give when a secret stands in the file itself, because others can
            read the file; empty when only its owner can.
    """

    def __init__(self, *, base: Path, exposed: str) -> None:
        self._base = base
        self._exposed = exposed

    def one(self, table: Table, key: str, check: Callable[[str], str] = address) -> Endpoint | None:
        """Return the endpoint that ``key`` names, if it is there and usable."""
        value = table.take(key)
        return None if value is None else self._read(value, table, key, check)

    def many(
        self, table: Table, key: str, check: Callable[[str], str] = address
    ) -> tuple[Endpoint, ...]:
        """Return the endpoints of the array ``key``."""
        read = [self._read(value, table, key, check) for value in table.array(key)]
        return tuple(endpoint for endpoint in read if endpoint)

    def path(self, table: Table, key: str) -> Path | None:
        """Return a path, with ``~`` expanded and relative to the settings file."""
        return table.parsed(key, self.located, None)

    def located(self, written: str) -> Path:
        """Return where ``written`` lies, seen from the settings file."""
        try:
            return self._base / Path(written).expanduser()
        except RuntimeError as error:
            raise SettingsError(
                f"{written!r} names a home directory that is not known", fix="Write it in full"
            ) from error

    def _read(
        self, value: object, parent: Table, key: str, check: Callable[[str], str]
    ) -> Endpoint | None:
        if not isinstance(value, str | dict):
            parent.refuse(
                key,
                f"must be an address or a table with a url, not {kind(value)}",
                fix=f'Write {key} = "https://…" or {key} = {{ url = "https://…", … }}',
            )
            return None
        if isinstance(value, str):
            alone = Table({key: value}, at=parent.at, problems=parent.problems)
            return Endpoint(url=alone.parsed(key, check, ""))
        table = Table(value, at=(*parent.at, key), problems=parent.problems)
        if "url" not in table:
            table.refuse("url", "is missing", fix='Add url = "https://…"')
        endpoint = Endpoint(
            url=table.parsed("url", check, ""),
            bearer=self.secret(table, "bearer"),
            username=table.text("username"),
            password=self.secret(table, "password"),
            ca_bundle=self.path(table, "ca_bundle"),
            client_cert=self.path(table, "client_cert"),
            client_key=self.path(table, "client_key"),
            headers=self._headers(table),
        )
        table.close()
        _agree(table)
        return endpoint

    def secret(self, table: Table, key: str) -> Secret | None:
        """Return where the secret ``key`` comes from, if it is there and usable."""
        value = table.take(key)
        if value is None:
            return None
        if isinstance(value, str):
            self._guard(table, key)
            if not value:
                table.refuse(key, "is empty", fix="Give it a value, or remove it")
            return Secret(inline=value)
        if not isinstance(value, dict) or len(value) != 1:
            table.refuse(
                key,
                "must be a string or name one place where the secret is kept",
                fix=f'Write {key} = {{ env = "…" }}, {{ file = "…" }} or {{ command = […] }}',
            )
            return None
        place = Table(value, at=(*table.at, key), problems=table.problems)
        secret = Secret(
            env=place.parsed("env", _variable, ""),
            file=self.path(place, "file"),
            command=_arguments(place, "command"),
        )
        place.close()
        return secret

    def _headers(self, table: Table) -> Mapping[str, str]:
        headers = table.table("headers")
        read = {name: headers.text(name) for name in headers}
        for name, value in read.items():
            if not _HEADER_NAME.fullmatch(name):
                headers.refuse(name, "is no header name", fix="Use letters, digits and dashes")
            if not (value.isascii() and value.isprintable() and value == value.strip()):
                headers.refuse(
                    name,
                    "is more than one line of plain ASCII",
                    fix="Write it on one line, without space around it",
                )
            if _TELLING_HEADER.search(name):
                self._guard(headers, name)
        return read

    def _guard(self, table: Table, key: str) -> None:
        if self._exposed:
            table.refuse(key, "is a secret in a file that others can read", fix=self._exposed)


def _agree(table: Table) -> None:
    for one, other in (("username", "password"), ("client_cert", "client_key")):
        if (one in table) != (other in table):
            given, missing = (one, other) if one in table else (other, one)
            table.refuse(given, f"needs `{missing}` beside it", fix=f"Add {missing}")
    if "bearer" in table and "username" in table:
        table.refuse("bearer", "excludes `username`", fix="Keep one way of signing in")


def _variable(name: str) -> str:
    if not _VARIABLE.fullmatch(name):
        # Not repeated: a secret pasted in place of its variable's name lands here.
        raise SettingsError("is no name of a variable", fix='Write a name such as "PROM_TOKEN"')
    return name


def _arguments(table: Table, key: str) -> tuple[str, ...]:
    words = table.take(key)
    if words is None:
        return ()
    if not isinstance(words, list) or not words or not all(isinstance(w, str) for w in words):
        table.refuse(key, "must be a list of words", fix='Write command = ["pass", "show", "prom"]')
        return ()
    return tuple(words)
