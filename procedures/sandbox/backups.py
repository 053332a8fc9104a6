"""The backups that the sandbox makes by itself, laid out as the procedures lay out theirs."""

import hashlib
import io
import sqlite3
import tarfile
from contextlib import closing
from datetime import datetime
from pathlib import Path

from procedures.clock import Clock
from procedures.sandbox.postgres import dumps
from procedures.sandbox.premises import secrets_of
from procedures.sandbox.state_dir import DATABASE, StateDir

_BACKUP_EVERY_S = 86_400


def ensure_backup(state: StateDir, *, clock: Clock) -> None:
    """Write a backup unless there is one of the last day."""
    oldest = clock.now().timestamp() - _BACKUP_EVERY_S
    archives = state.backups.glob("*.tar.gz")
    if not any(archive.stat().st_mtime > oldest for archive in archives):
        back_up(state, clock=clock)


def back_up(state: StateDir, *, clock: Clock) -> Path:
    """Write an archive of database and files with a manifest and checksums; return its path.

    The archive appears under its name only when it is whole.
    """
    now = clock.now()
    name = f"backup-daily-{now:%Y%m%dT%H%M%SZ}"
    pieces = {
        "database.dump": dumps.packed(dumps.taken(state.database, DATABASE)),
        "files.tar": _files(state.data / "data"),
    }
    pieces["manifest.txt"] = _manifest(state, name, now, pieces["files.tar"])
    sums = [f"{hashlib.sha256(content).hexdigest()}  {n}\n" for n, content in pieces.items()]
    pieces["SHA256SUMS"] = "".join(sums).encode()
    path = state.backups / f"{name}.tar.gz"
    partial = path.with_suffix(".partial")
    with tarfile.open(partial, "w:gz", compresslevel=1, format=tarfile.GNU_FORMAT) as archive:
        for member, content in pieces.items():
            _add(archive, member, content, now)
    partial.replace(path)
    return path


def _manifest(state: StateDir, name: str, now: datetime, files: bytes) -> bytes:
    with closing(sqlite3.connect(state.database, timeout=5)) as db:
        rows, namespaces, newest = db.execute(
            "SELECT count(*), count(DISTINCT namespace), max(created_at) FROM configs"
        ).fetchone()
    with tarfile.open(fileobj=io.BytesIO(files)) as archive:
        count = sum(member.isfile() for member in archive)
    key = secrets_of(state).get("ENCRYPTION_KEY", "")
    lines = [
        f"name: {name}",
        f"created: {now:%Y-%m-%dT%H:%M:%SZ}",
        "service: llm-config-manager",
        f"key_fingerprint: {hashlib.sha256(key.encode()).hexdigest()[:16]}",
        f"database_rows: {rows}",
        f"database_namespaces: {namespaces}",
        f"database_newest: {newest}",
        f"data_files: {count}",
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def _files(folder: Path) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        archive.add(folder, ".")
    return out.getvalue()


def _add(archive: tarfile.TarFile, name: str, content: bytes, at: datetime) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    member.mode = 0o600
    member.mtime = int(at.timestamp())
    archive.addfile(member, io.BytesIO(content))
