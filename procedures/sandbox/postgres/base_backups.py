"""pg_basebackup's copies of the whole server: a directory, or archives of one."""

import json
import shutil
import sys
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from procedures.sandbox.shims.usage import ToolError
from procedures.sandbox.state_dir import StateDir


def write(state: StateDir, place: str, *, as_tar: bool, gzip: bool) -> int:
    """Copy the server to a directory, or as one archive to standard output for ``-``."""
    if place == "-":
        with TemporaryDirectory() as folder:
            _copy(state.database_server, Path(folder) / "data")
            mode = "w|gz" if gzip else "w|"
            with tarfile.open(fileobj=sys.stdout.buffer, mode=mode) as archive:  # type: ignore[call-overload]
                _add_all(archive, Path(folder) / "data")
        return 0
    target = Path(place)
    if target.exists() and any(target.iterdir()):
        raise ToolError(f'pg_basebackup: error: directory "{target}" exists but is not empty')
    if not as_tar:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            target.rmdir()
        _copy(state.database_server, target)
        return 0
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    suffix, mode = (".tar.gz", "w:gz") if gzip else (".tar", "w")
    with TemporaryDirectory() as folder:
        _copy(state.database_server, Path(folder) / "data")
        shutil.copy(Path(folder) / "data" / "backup_manifest", target)
        with tarfile.open(target / f"base{suffix}", mode) as archive:  # type: ignore[call-overload]
            _add_all(archive, Path(folder) / "data")
        with tarfile.open(target / f"pg_wal{suffix}", mode):  # type: ignore[call-overload]
            pass
    return 0


def _copy(source: Path, target: Path) -> None:
    passing = shutil.ignore_patterns("recovery.signal", "*.conf.*", "before-recovery", "*-journal")
    shutil.copytree(source, target, ignore=passing)
    target.chmod(0o700)
    now = datetime.now(UTC)
    (target / "backup_label").write_text(
        "START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\n"
        "CHECKPOINT LOCATION: 0/2000060\n"
        "BACKUP METHOD: streamed\n"
        "BACKUP FROM: primary\n"
        f"START TIME: {now:%Y-%m-%d %H:%M:%S UTC}\n"
        "LABEL: pg_basebackup base backup\n"
        "START TIMELINE: 1\n"
    )
    files = sorted(path for path in target.rglob("*") if path.is_file())
    manifest = {
        "PostgreSQL-Backup-Manifest-Version": 1,
        "Files": [
            {"Path": str(path.relative_to(target)), "Size": path.stat().st_size} for path in files
        ],
    }
    (target / "backup_manifest").write_text(json.dumps(manifest, indent=1))


def _add_all(archive: tarfile.TarFile, folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        archive.add(path, str(path.relative_to(folder)), recursive=False)


def fault_of(folder: Path) -> str:
    """Return what is not as the manifest of a copy says; empty if all is."""
    try:
        manifest = json.loads((folder / "backup_manifest").read_text())
    except (OSError, ValueError):
        return f'could not open file "{folder}/backup_manifest": No such file or directory'
    for each in manifest["Files"]:
        path = folder / each["Path"]
        if not path.exists():
            return f'"{each["Path"]}" is present in the manifest but not on disk'
        if path.stat().st_size != each["Size"]:
            sizes = f"{path.stat().st_size} on disk but size {each['Size']} in the manifest"
            return f'"{each["Path"]}" has size {sizes}'
    return ""
