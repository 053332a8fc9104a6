"""Small images of this machine's own programs, so that no registry is needed."""

import io
import os
import re
import subprocess
import tarfile
from collections.abc import Iterable
from pathlib import Path

import docker

_POSTGRES = Path("/usr/lib/postgresql")
_SKIPPED = re.compile(r"llvmjit|/bitcode/|/pgxs/|/tsearch_data/|/extension/(?!plpgsql)")
_DIRECTORIES = {
    **dict.fromkeys(("tmp", "run", "data", "var/lib/postgresql", "www"), 0o777),
    **dict.fromkeys(("root", "proc", "sys", "dev", "etc", "app"), 0o755),
}
_USERS = "root:x:0:0:root:/root:/bin/sh\npostgres:x:999:999::/var/lib/postgresql:/bin/sh\n"

_SERVICE = """\
#!/bin/sh
# Serves /health, and does what it is told through a pipe, one line at a time.
trap 'echo INFO stopping; exit 0' TERM INT
mkfifo /run/orders
touch /www/health
httpd -p 8080 -h /www
echo "INFO serving on 8080"
while :; do
    # Opened for both: neither blocks when nobody is at the other end. Read in pieces, so that a
    # signal is heeded between two.
    read -r -t 1 verb rest <>/run/orders || continue
    case $verb in
        say) echo "$rest" ;;
        exit) echo "ERROR giving up with $rest"; exit "$rest" ;;
        eat) exec tail /dev/zero ;;
    esac
done
"""

SERVICE = "quarterdeck-test-service"
REDIS = "quarterdeck-test-redis"
POSTGRES = "quarterdeck-test-postgres"


def make_service(url: str, *, tag: str = "1.0", note: str = "") -> None:
    """Make the image of the service; another ``note`` makes another image."""
    _make(
        url,
        f"{SERVICE}:{tag}",
        _tar([], texts={"app/serve": _SERVICE, "app/note": note}),
        'CMD ["/bin/sh","/app/serve"]',
        "HEALTHCHECK --interval=500ms --timeout=2s --retries=2 --start-period=5s "
        "CMD wget -q -O /dev/null http://127.0.0.1:8080/health",
        "EXPOSE 8080",
    )


def make_redis(url: str) -> None:
    """Make the image of the cache."""
    _make(
        url,
        f"{REDIS}:1.0",
        _tar(["/usr/bin/redis-server", "/usr/bin/redis-cli"]),
        'CMD ["/usr/bin/redis-server","--bind","0.0.0.0","--protected-mode","no","--save",""]',
        'HEALTHCHECK --interval=500ms --timeout=2s CMD ["/usr/bin/redis-cli","ping"]',
    )


def make_postgres(url: str) -> None:
    """Make the image of the database."""
    home = max(_POSTGRES.glob("*"), key=lambda each: float(each.name))
    programs = [str(home / "bin" / name) for name in ("postgres", "initdb", "pg_isready")]
    trees = [home / "lib", Path("/usr/share/postgresql") / home.name]
    run = (
        f"[ -s $PGDATA/PG_VERSION ] || {home}/bin/initdb --no-sync --locale=C -E UTF8 -A trust"
        f" >/dev/null; exec {home}/bin/postgres -F -c jit=off -k /tmp"
    )
    _make(
        url,
        f"{POSTGRES}:1.0",
        _tar(programs, trees=trees),
        "USER postgres",
        "ENV PGDATA=/var/lib/postgresql/data TZ=UTC",
        f'CMD ["sh","-c","{run}"]',
        f'HEALTHCHECK --interval=500ms --timeout=2s CMD ["{home}/bin/pg_isready","-h","127.0.0.1"]',
    )


def make_tools(url: str) -> None:
    """Make an image with a shell and nothing else, for containers that are nobody's."""
    _make(url, "quarterdeck-test-tools:1.0", _tar([]), 'CMD ["sh"]')


def _make(url: str, name: str, archive: bytes, *changes: str) -> None:
    repository, tag = name.split(":")
    client = docker.APIClient(base_url=url, version="1.41", timeout=60)
    try:
        answer = client.post(
            f"{client.base_url}/v1.41/images/create",
            params={"fromSrc": "-", "repo": repository, "tag": tag, "changes": list(changes)},
            data=archive,
            headers={"Content-Type": "application/x-tar"},
            timeout=60,
        )
        assert answer.ok, answer.text
        assert '"error"' not in answer.text, answer.text
    finally:
        client.close()


def _tar(
    programs: Iterable[str], *, trees: Iterable[Path] = (), texts: dict[str, str] | None = None
) -> bytes:
    """Return an archive of files of this machine, the libraries that they need, and a shell."""
    wanted = set(programs)
    for tree in trees:
        files = {str(path) for path in tree.rglob("*") if path.is_file()}
        wanted |= {path for path in files if not _SKIPPED.search(path)}
    for path in sorted(wanted):
        if os.access(path, os.X_OK) or ".so" in path:
            wanted |= _libraries(path)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, mode in _DIRECTORIES.items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, mode
            archive.addfile(entry)
        _put(archive, "etc/passwd", _USERS.encode())
        _put(archive, "etc/group", b"root:x:0:\npostgres:x:999:\n")
        _put(archive, "bin/busybox", Path("/bin/busybox").read_bytes(), 0o755)
        for applet in _applets():
            entry = tarfile.TarInfo(f"bin/{applet}")
            entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
            archive.addfile(entry)
        for name, text in (texts or {}).items():
            _put(archive, name, text.encode())
        for path in sorted(wanted):
            real = Path(path).resolve()
            _put(archive, path.lstrip("/"), real.read_bytes(), real.stat().st_mode & 0o777)
    return buffer.getvalue()


def _put(archive: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    archive.addfile(entry, io.BytesIO(content))


def _libraries(path: str) -> set[str]:
    done = subprocess.run(["ldd", path], capture_output=True, text=True, check=False)
    return set(re.findall(r"(/\S+) \(0x", done.stdout))


def _applets() -> list[str]:
    done = subprocess.run(["/bin/busybox", "--list"], capture_output=True, text=True, check=True)
    return [each for each in done.stdout.split() if each != "busybox"]
