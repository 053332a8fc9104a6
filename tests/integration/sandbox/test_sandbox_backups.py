"""The sandbox's own backups are real ones: found, read through, remembered."""

from dataclasses import replace
from pathlib import Path

from procedures.backups.depot import Depot
from procedures.backups.values import Kind, Outcome
from procedures.clock import SystemClock
from procedures.reference.backups import Schedule
from procedures.sandbox.launcher import Sandbox


async def test_the_backup_that_it_makes_is_found_and_whole(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    depot = _depot(sandbox, tmp_path)
    backup = next(each for each in (await depot.stock()).backups if each.schedule is Schedule.DAILY)
    assert backup.kind is Kind.COMPLETE
    verification = await depot.verify(backup)
    assert (verification.outcome, verification.fault) == (Outcome.PASSED, "")
    said = {each.name: each.said for each in verification.checks}
    assert said["manifest"] == "3 files are what SHA256SUMS says"
    assert "its dump" in said["integrity"]
    stock = await depot.stock()
    assert stock.known[backup.key].outcome is Outcome.PASSED


async def test_a_damaged_dump_of_it_is_found(sandbox: Sandbox, tmp_path: Path) -> None:
    directory = tmp_path / "backups"
    directory.mkdir()
    (directory / "a.dump").write_bytes(b"PGDMP\x01\x0f\x00\x04\x08\x01\nno\n")
    depot = _depot(sandbox, tmp_path, directory)
    (backup,) = (await depot.stock()).backups
    verification = await depot.verify(backup)
    assert verification.outcome is Outcome.FAILED
    assert "cannot be restored" in verification.fault


def _depot(sandbox: Sandbox, home: Path, directory: Path | None = None) -> Depot:
    environment = sandbox.environment
    assert environment.backups.memory is not None
    mine = replace(environment.backups, memory=home / "verified.json")
    backup_dir = directory or environment.backup_dir
    return Depot(replace(environment, backups=mine, backup_dir=backup_dir), SystemClock())
