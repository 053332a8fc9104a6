"""Real dumps of a real PostgreSQL, read through by its own program."""

import gzip
import hashlib
from pathlib import Path

import pytest

from procedures.backups.settings import BackupSettings
from procedures.backups.values import Outcome
from tests.integration.backups.depot_of_files import Files, packed
from tests.postgres_server import PostgresServer, programs

pytestmark = pytest.mark.postgres

ROWS = (
    "CREATE TABLE configs (id int, value text);"
    "INSERT INTO configs SELECT n, md5(n::text) FROM generate_series(1, 20000) n;"
)


@pytest.fixture(scope="module")
def database(postgres: PostgresServer) -> str:
    """A database with rows."""
    name = postgres.database()
    postgres.sql(ROWS, database=name)
    return name


def dumped(postgres: PostgresServer, database: str, form: str) -> bytes:
    path = postgres.home / f"{database}.{form}"
    postgres.run("pg_dump", "-U", "postgres", f"-F{form}", "-f", str(path), database)
    return path.read_bytes()


@pytest.fixture(scope="module")
def custom(postgres: PostgresServer, database: str) -> bytes:
    """A dump in custom format."""
    return dumped(postgres, database, "c")


@pytest.fixture
def dumps(tmp_path: Path) -> Files:
    """A directory whose dumps are read by the server's own program."""
    directory = programs()
    assert directory
    reader = (str(directory / "pg_restore"), "--file=/dev/null")
    return Files(tmp_path, BackupSettings(dump_reader=reader))


async def test_a_whole_dump_is_read_to_its_end(dumps: Files, custom: bytes) -> None:
    dumps.write("database/database-20260304T020000Z.dump", custom)
    dumps.write("database/packed.dump.gz", gzip.compress(custom))
    for path in ("database/database-20260304T020000Z.dump", "database/packed.dump.gz"):
        verification = await dumps.verified(path)
        assert (verification.outcome, verification.fault) == (Outcome.PASSED, "")
        assert verification.checks[1].said == "read to its end: its dump"


@pytest.mark.parametrize("part", [0.001, 0.3, 0.9])
async def test_a_dump_that_was_cut_short_cannot_be_restored(
    dumps: Files, custom: bytes, part: float
) -> None:
    """Its table of contents stands at its beginning: a listing would not tell."""
    dumps.write("a.dump", custom[: int(len(custom) * part)])
    verification = await dumps.verified("a.dump")
    assert verification.outcome is Outcome.FAILED
    assert "its dump cannot be restored" in verification.fault


async def test_the_dump_within_an_archive_is_read_too(dumps: Files, custom: bytes) -> None:
    for name, dump in (("whole", custom), ("cut", custom[: len(custom) // 2])):
        sums = f"{hashlib.sha256(dump).hexdigest()}  database.dump\n".encode()
        archive = packed({"SHA256SUMS": sums, "database.dump": dump})
        dumps.write(f"{name}.tar.gz", gzip.compress(archive))
    assert (await dumps.verified("whole.tar.gz")).outcome is Outcome.PASSED
    cut = await dumps.verified("cut.tar.gz")
    assert cut.outcome is Outcome.FAILED
    assert cut.fault.startswith("database.dump: its dump cannot be restored")


async def test_a_dump_of_a_version_to_come_is_not_judged(dumps: Files, custom: bytes) -> None:
    newer = custom[:6] + bytes((99,)) + custom[7:]
    dumps.write("a.dump", newer)
    verification = await dumps.verified("a.dump")
    assert verification.outcome is Outcome.INCOMPLETE
    assert "newer PostgreSQL" in verification.fault


async def test_a_plain_dump_ends_with_its_last_line(
    dumps: Files, postgres: PostgresServer, database: str
) -> None:
    plain = dumped(postgres, database, "p")
    dumps.write("whole.sql.gz", gzip.compress(plain))
    dumps.write("cut.sql.gz", gzip.compress(plain[: len(plain) // 2]))
    assert (await dumps.verified("whole.sql.gz")).outcome is Outcome.PASSED
    assert (await dumps.verified("cut.sql.gz")).fault == "its end is missing"


async def test_a_base_backup_is_held_against_the_servers_own_manifest(
    dumps: Files, postgres: PostgresServer
) -> None:
    target = postgres.home / "base"
    postgres.run("pg_basebackup", "-U", "postgres", "-D", str(target), "-Ft", "-z", "-c", "fast",
                 "--no-sync")  # fmt: skip
    base = (target / "base.tar.gz").read_bytes()
    manifest = (target / "backup_manifest").read_bytes()
    assert b'"Files"' in manifest
    dumps.write("base/base-20260304T020000Z.tar.gz", base)
    verification = await dumps.verified("base/base-20260304T020000Z.tar.gz")
    assert (verification.outcome, verification.fault) == (Outcome.PASSED, "")
    dumps.write("base/cut.tar.gz", base[:-100])
    assert (await dumps.verified("base/cut.tar.gz")).outcome is Outcome.FAILED


async def test_without_the_program_the_dump_is_not_proven(tmp_path: Path, custom: bytes) -> None:
    files = Files(tmp_path, BackupSettings(dump_reader=("no-such-pg_restore",)))
    files.write("a.dump", custom)
    verification = await files.verified("a.dump")
    assert verification.outcome is Outcome.INCOMPLETE
    assert "no-such-pg_restore is not installed" in verification.fault
