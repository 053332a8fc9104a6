"""The configurations and the backup that a new sandbox begins with."""

import hashlib
import io
import json
import tarfile
from datetime import datetime
from pathlib import Path

from procedures.clock import Clock
from procedures.sandbox.configs import ConfigName, ConfigStore

SEED: dict[str, dict[str, object]] = {
    "app/llm": {"model": "opus-large", "temperature": 0.2, "max_tokens": 4096},
    "app/search": {"index": "documents-v7", "top_k": 20},
    "app/billing": {"currency": "EUR", "invoice_day": 3},
    "platform/limits": {"requests_per_minute": 600, "burst": 50},
    "platform/flags": {"streaming": True, "shadow_traffic": False},
}
_SECRETS = {"app/llm": "provider_api_key", "app/billing": "payment_token"}
_BACKUP_EVERY_S = 86_400
_ENVIRONMENTS = ("development", "staging", "production")


def fill(store: ConfigStore) -> None:
    """Write the first configurations, unless there are some."""
    if store.count():
        return
    plain = [
        (ConfigName(namespace=namespace, key=key, environment=environment), value, False)
        for namespace, entries in SEED.items()
        for environment in _ENVIRONMENTS
        for key, value in entries.items()
    ]
    secret = [
        (ConfigName(namespace=namespace, key=key, environment="production"), "sandbox-only", True)
        for namespace, key in _SECRETS.items()
    ]
    store.put_all([*plain, *secret], by="deploy-bot")


def ensure_backup(database: Path, backups: Path, *, clock: Clock) -> None:
    """Write a backup unless there is one of the last day."""
    oldest = clock.now().timestamp() - _BACKUP_EVERY_S
    archives = backups.glob("*.tar.gz")
    if not any(archive.stat().st_mtime > oldest for archive in archives):
        back_up(database, backups, clock=clock)


def back_up(database: Path, backups: Path, *, clock: Clock) -> Path:
    """Write an archive of the database with a manifest of its checksum; return its path.

    The archive appears under its name only when it is whole.
    """
    now = clock.now()
    content = database.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    manifest = {
        "created_at": now.isoformat(timespec="seconds"),
        "service": "llm-config-manager",
        "files": [{"path": database.name, "size_bytes": len(content), "sha256": digest}],
    }
    path = backups / f"llm-config-backup-{now:%Y%m%d-%H%M%S}.tar.gz"
    partial = path.with_suffix(".partial")
    with tarfile.open(partial, "w:gz", compresslevel=1) as archive:
        _add(archive, database.name, content, now)
        _add(archive, "manifest.json", json.dumps(manifest, indent=1).encode(), now)
    partial.replace(path)
    return path


def _add(archive: tarfile.TarFile, name: str, content: bytes, at: datetime) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    member.mode = 0o600
    member.mtime = int(at.timestamp())
    archive.addfile(member, io.BytesIO(content))
