"""pg_dump's archives: written from a database, listed, and put back."""

import base64
import hashlib
import json
import re
import sqlite3
import zlib
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

MAGIC = b"PGDMP"
_VERSION = bytes((1, 15, 0, 4, 8, 1))
"""Archive format 1.15, as pg_dump 16 writes it; what follows is the sandbox's own."""


class ArchiveError(Exception):
    """This is not an archive, or not a whole one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table with its rows."""

    name: str
    definition: str
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A database as pg_dump saves it."""

    database: str
    made_at: str
    tables: tuple[Table, ...]
    indexes: tuple[str, ...]


def taken(path: Path, database: str, only: tuple[str, ...] = ()) -> Archive:
    """Return what is in a database file, of one moment."""
    with closing(sqlite3.connect(path, timeout=5)) as db:
        db.execute("BEGIN")
        found = db.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            " ORDER BY name"
        ).fetchall()
        tables = [_table(db, name, sql) for name, sql in found if not only or name in only]
        indexes = db.execute(
            "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        ).fetchall()
    return Archive(
        database=database,
        made_at=datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
        tables=tuple(tables),
        indexes=() if only else tuple(sql for (sql,) in indexes),
    )


def _table(db: sqlite3.Connection, name: str, definition: str) -> Table:
    cursor = db.execute(f'SELECT * FROM "{name}"')  # noqa: S608
    return Table(
        name=name,
        definition=definition,
        columns=tuple(column[0] for column in cursor.description),
        rows=tuple(cursor.fetchall()),
    )


def packed(archive: Archive) -> bytes:
    """Return an archive as bytes."""
    content = {
        "database": archive.database,
        "made_at": archive.made_at,
        "indexes": archive.indexes,
        "tables": [
            {"name": t.name, "sql": t.definition, "columns": t.columns, "rows": t.rows}
            for t in archive.tables
        ],
    }
    body = base64.b64encode(zlib.compress(json.dumps(content).encode(), 6))
    digest = hashlib.sha256(body).hexdigest().encode()
    return MAGIC + _VERSION + b"\n" + digest + b"\n" + body + b"\n"


def unpacked(content: bytes) -> Archive:
    """Return the archive that ``content`` is; ArchiveError if it is damaged or none."""
    if not content:
        raise ArchiveError("input file is too short (read 0, expected 5)")
    if not content.startswith(MAGIC):
        hint = content[:200].lstrip().upper()
        if hint.startswith((b"--", b"CREATE", b"COPY", b"INSERT")):
            raise ArchiveError("input file appears to be a text format dump. Please use psql.")
        raise ArchiveError("input file does not appear to be a valid archive")
    parts = content[len(MAGIC) + len(_VERSION) :].split(b"\n")
    if len(parts) < 4 or hashlib.sha256(parts[2]).hexdigest().encode() != parts[1]:
        raise ArchiveError("could not read from input file: end of file")
    found = json.loads(zlib.decompress(base64.b64decode(parts[2])))
    return Archive(
        database=found["database"],
        made_at=found["made_at"],
        indexes=tuple(found["indexes"]),
        tables=tuple(
            Table(
                name=t["name"],
                definition=t["sql"],
                columns=tuple(t["columns"]),
                rows=tuple(tuple(row) for row in t["rows"]),
            )
            for t in found["tables"]
        ),
    )


def contents(archive: Archive) -> str:
    """Return the list that ``pg_restore -l`` prints."""
    lines = [
        ";",
        f"; Archive created at {archive.made_at}",
        f";     dbname: {archive.database}",
        f";     TOC Entries: {3 * len(archive.tables) + len(archive.indexes)}",
        ";     Compression: gzip",
        ";     Format: CUSTOM",
        ";     Dumped from database version: 16.1",
        ";     Dumped by pg_dump version: 16.1",
        ";",
        ";",
        "; Selected TOC Entries:",
        ";",
    ]
    number = 215
    for table in archive.tables:
        lines.append(f"{number}; 1259 16385 TABLE public {table.name} llm_config_user")
        number += 1
    for table in archive.tables:
        lines.append(f"{number + 3200}; 0 16385 TABLE DATA public {table.name} llm_config_user")
        number += 1
    for table in archive.tables:
        lines.append(
            f"{number + 3100}; 2606 16391 CONSTRAINT public {table.name} "
            f"{table.name}_pkey llm_config_user"
        )
        number += 1
    return "\n".join(lines)


def put_back(
    archive: Archive, path: Path, *, clean: bool, data_only: bool, only: tuple[str, ...]
) -> str:
    """Write an archive into a database file; return the server's complaint, empty for none."""
    with closing(sqlite3.connect(path, timeout=5)) as db, db:
        for table in archive.tables:
            if only and table.name not in only:
                continue
            try:
                if clean:
                    db.execute(f'DROP TABLE IF EXISTS "{table.name}"')
                if not data_only:
                    db.execute(table.definition)
                marks = ", ".join("?" * len(table.columns))
                db.executemany(
                    f'INSERT INTO "{table.name}" VALUES ({marks})',  # noqa: S608
                    table.rows,
                )
            except sqlite3.Error as error:
                db.rollback()
                return _complaint(str(error), table.name)
        for sql in () if data_only else archive.indexes:
            db.execute(re.sub(r"INDEX (?!IF)", "INDEX IF NOT EXISTS ", sql, count=1))
    return ""


def as_sql(archive: Archive, *, schema: bool, data: bool) -> str:
    """Return an archive as a script."""
    lines = ["--", "-- PostgreSQL database dump", "--", ""]
    for table in archive.tables:
        if schema:
            lines += [f"{table.definition.strip()};", ""]
        if data:
            lines.append(f"COPY public.{table.name} ({', '.join(table.columns)}) FROM stdin;")
            lines += ["\t".join("\\N" if v is None else str(v) for v in row) for row in table.rows]
            lines += ["\\.", ""]
    return "\n".join([*lines, "--", "-- PostgreSQL database dump complete", "--", ""])


def _complaint(text: str, table: str) -> str:
    if "already exists" in text:
        return f'relation "{table}" already exists'
    if "UNIQUE" in text:
        return f'duplicate key value violates unique constraint "{table}_pkey"'
    if "no such table" in text:
        return f'relation "{table}" does not exist'
    return text
