"""Real archives read through: whole, damaged, hostile."""

import asyncio
import gzip
import hashlib
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from procedures.backups import streams
from procedures.backups.settings import BackupSettings
from procedures.backups.streams import Effort
from procedures.backups.values import Outcome, Verification
from procedures.errors import SourceError
from tests.integration.backups.depot_of_files import NOW, Files, complete, packed

PATIENCE_S = 30.0


def zstd(content: bytes) -> bytes:
    if shutil.which("zstd") is None:
        pytest.skip("zstd is not installed: apt-get install zstd")
    return subprocess.run(["zstd", "-q"], input=content, capture_output=True, check=True).stdout


def tar(*words: str, within: Path) -> None:
    subprocess.run(["tar", *words], cwd=within, check=True)


async def reading_begins(effort: Effort, task: "asyncio.Task[Verification]") -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not effort.done_bytes and not task.done():  # noqa: ASYNC110 - a thread counts
            await asyncio.sleep(0)


PACKINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "tar": bytes,
    "tar.gz": gzip.compress,
    "tgz": gzip.compress,
    "tar.zst": zstd,
}


def said(verification: Verification) -> dict[str, tuple[bool | None, str]]:
    return {each.name: (each.passed, each.said) for each in verification.checks}


@pytest.mark.parametrize("suffix", PACKINGS)
async def test_a_whole_archive_is_read_to_its_end_and_is_what_its_manifest_says(
    files: Files, suffix: str
) -> None:
    files.write(f"a.{suffix}", PACKINGS[suffix](packed(complete())))
    verification = await files.verified(f"a.{suffix}")
    assert (verification.outcome, verification.fault) == (Outcome.PASSED, "")
    assert verification.at == NOW
    assert said(verification)["manifest"] == (True, "2 files are what SHA256SUMS says")
    assert said(verification)["integrity"][1] == "read to its end: 3 members"


@pytest.mark.parametrize("suffix", PACKINGS)
@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
async def test_an_archive_that_was_cut_short_is_damaged(
    files: Files, suffix: str, part: float
) -> None:
    whole = PACKINGS[suffix](packed({"a": os.urandom(300_000), "b": os.urandom(300_000)}))
    files.write(f"a.{suffix}", whole[: int(len(whole) * part)])
    verification = await files.verified(f"a.{suffix}")
    assert verification.outcome is Outcome.FAILED
    assert verification.fault


@pytest.mark.parametrize("suffix", PACKINGS)
async def test_a_flipped_bit_in_the_content_is_found(files: Files, suffix: str) -> None:
    pieces = {**complete(), "more": os.urandom(200_000)}
    sums = [f"{hashlib.sha256(c).hexdigest()}  {name}\n" for name, c in pieces.items()]
    pieces["SHA256SUMS"] = "".join(each for each in sums if "SUMS" not in each).encode()
    content = bytearray(PACKINGS[suffix](packed(pieces)))
    content[len(content) // 2] ^= 1
    files.write(f"a.{suffix}", bytes(content))
    assert (await files.verified(f"a.{suffix}")).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("a.tar.gz", b"", "it is empty"),
        ("a.tar.gz", b"PGDMP, really", "Not a gzipped file"),
        ("a.tar", b"", "it is empty"),
        ("a.tar", b"\x00" * 10240, "there is nothing in it"),
        ("a.tar.gz", gzip.compress(b"no archive"), "it is no tar archive"),
        ("a.dump", b"-- PostgreSQL database dump", "it is no dump in custom format"),
        ("a.sql", b"-- PostgreSQL database dump\nCREATE", "its end is missing"),
        ("a.sql.gz", gzip.compress(b"-- PostgreSQL database dump\n"), "its end is missing"),
        ("a.sql.gz", gzip.compress(b""), "it is empty"),
        ("a.tar.gz", gzip.compress(packed({"database.dump": b""})), "database.dump: it is empty"),
        ("a.tar.gz", gzip.compress(packed({"files.tar": b"x"})), "files.tar: it is no tar"),
        ("a.tar", packed({"../up": b"x"}), "it would write outside: ../up"),
        ("a.tar", packed({"/etc/cron.d/x": b"x"}), "it would write outside: /etc/cron.d/x"),
        ("a.tar", packed(complete(files__tar=packed({"x": b""}))), "files.tar is not what was"),
        ("a.tar", packed(complete(manifest__txt=b"data_files: 5\n")), "manifest.txt is not what"),
    ],
)
async def test_what_is_wrong_is_named(files: Files, name: str, content: bytes, fault: str) -> None:
    files.write(name, content)
    verification = await files.verified(name)
    assert verification.outcome is Outcome.FAILED
    assert fault in verification.fault


async def test_a_name_with_an_escape_sequence_cannot_steer_the_terminal(files: Files) -> None:
    files.write("a.tar", packed({"../\x1b[2Jup": b"x"}))
    assert "\x1b" not in (await files.verified("a.tar")).fault


async def test_a_bomb_is_refused_before_it_has_unpacked(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "ALWAYS_FINE_BYTES", 8 * 1024**2)
    files.write("a.tar.gz", gzip.compress(packed({"zeros": bytes(64 * 1024**2)})))
    verification = await files.verified("a.tar.gz")
    assert "unpacks to more than 200 times its size" in verification.fault


async def test_a_sparse_file_of_terabytes_is_read_in_no_time(files: Files) -> None:
    sparse = files.directory / "sparse"
    with sparse.open("wb") as file:
        file.truncate(2 * 1024**4)
        file.seek(1024**3)
        file.write(b"data")
    tar("-cSf", "a.tar", "sparse", within=files.directory)
    sparse.unlink()
    assert (await files.verified("a.tar")).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("form", "longest"), [("gnu", 200), ("pax", 200), ("oldgnu", 200), ("ustar", 80), ("v7", 80)]
)
async def test_every_form_of_gnu_tar_is_read(files: Files, form: str, longest: int) -> None:
    folder = files.directory / "folder"
    for number in range(700):
        path = folder / f"{number % 7}" / ("n" * (number % longest) + f"{number}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * (number % 1000))
    tar(f"--format={form}", "-czf", "a.tar.gz", "folder", within=files.directory)
    verification = await files.verified("a.tar.gz")
    assert said(verification)["integrity"] == (True, "read to its end: 708 members")


@pytest.mark.parametrize(
    ("sums", "passed"),
    [("{sha}  a.tar.gz.gpg\n", True), ("{sha}\n", True), ("{zero}  a.tar.gz.gpg\n", False)],
)
async def test_what_is_encrypted_is_held_against_its_checksum(
    files: Files, sums: str, passed: bool
) -> None:
    content = b"\x85\x01" + os.urandom(100)
    files.write("a.tar.gz.gpg", content)
    text = sums.format(sha=hashlib.sha256(content).hexdigest(), zero="0" * 64)
    files.write("a.tar.gz.gpg.sha256", text.encode())
    verification = await files.verified("a.tar.gz.gpg")
    assert verification.outcome is (Outcome.PASSED if passed else Outcome.FAILED)


async def test_what_is_encrypted_and_has_no_checksum_is_not_proven(files: Files) -> None:
    files.write("a.tar.gz.gpg", b"\x85\x01")
    verification = await files.verified("a.tar.gz.gpg")
    assert (verification.outcome, verification.fault) == (Outcome.INCOMPLETE, "it is encrypted")


FOLDER = "configuration/20260304T020000Z"


def folder(files: Files, sums: str) -> None:
    files.write(f"{FOLDER}/a.yaml", b"a: 1\n")
    files.write(f"{FOLDER}/b.yaml", b"b: 1\n")
    a, b = (hashlib.sha256(each).hexdigest() for each in (b"a: 1\n", b"b: 1\n"))
    files.write(f"{FOLDER}.sha256", sums.format(a=a, b=b, zero="0" * 64).encode())


async def test_a_folder_is_what_its_checksums_say(files: Files) -> None:
    folder(files, "{a}  a.yaml\n{b}  b.yaml\n")
    effort = Effort()
    verification = await files.depot.verify((await files.found())[FOLDER], effort)
    assert (verification.outcome, verification.fault) == (Outcome.PASSED, "")
    assert (effort.done_bytes, effort.total_bytes) == (10, 10)


@pytest.mark.parametrize(
    ("sums", "fault"),
    [
        ("{a}  a.yaml\n{zero}  b.yaml\n", "b.yaml is not what was packed"),
        ("{a}  a.yaml\n{b}  c.yaml\n", "c.yaml is missing in it"),
        ("{a}  ../../a.yaml\n", "name a file outside of it"),
        ("{a}  ..\n", "name a file outside of it"),
        ("{a}  /etc/passwd\n", "name a file outside of it"),
        ("", "20260304T020000Z.sha256 lists nothing"),
    ],
)
async def test_a_folder_that_is_not_what_its_checksums_say_is_damaged(
    files: Files, sums: str, fault: str
) -> None:
    folder(files, sums)
    verification = await files.verified(FOLDER)
    assert verification.outcome is Outcome.FAILED
    assert fault in verification.fault


async def test_a_changed_file_of_a_folder_was_never_verified(files: Files) -> None:
    folder(files, "{a}  a.yaml\n{b}  b.yaml\n")
    await files.verified(FOLDER)
    files.write(f"{FOLDER}/a.yaml", b"a: 2\n", hours_ago=0.5)
    stock = await files.depot.stock()
    assert stock.backups[0].key not in stock.known


async def test_without_the_program_that_unpacks_it_nothing_is_proven(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.write("a.tar.zst", zstd(packed(complete())))
    monkeypatch.setenv("PATH", "/nowhere")
    verification = await files.verified("a.tar.zst")
    assert verification.outcome is Outcome.INCOMPLETE
    assert "zstd is not installed" in verification.fault


async def test_the_least_size_of_the_settings_counts(tmp_path: Path) -> None:
    files = Files(tmp_path, BackupSettings(minimum_bytes=1_000_000))
    files.write("a.tar.gz", gzip.compress(packed(complete())))
    verification = await files.verified("a.tar.gz")
    assert verification.outcome is Outcome.FAILED
    assert "1000000 are the least" in verification.fault


async def _replaced(files: Files, how: Callable[[Path], object]) -> Verification:
    (files.directory / "a.tar.gz").unlink(missing_ok=True)
    path = files.write("a.tar.gz", gzip.compress(packed(complete())))
    backup = (await files.found())["a.tar.gz"]
    path.unlink()
    how(path)
    async with asyncio.timeout(PATIENCE_S):
        return await files.depot.verify(backup)


async def test_a_backup_that_became_a_pipe_is_not_waited_for(files: Files) -> None:
    verification = await _replaced(files, os.mkfifo)
    assert verification.fault == "it is no regular file"


async def test_a_backup_that_became_a_link_or_is_gone_cannot_be_had(files: Files) -> None:
    with pytest.raises(SourceError, match="symbolic links"):
        await _replaced(files, lambda path: path.symlink_to("/dev/zero"))
    with pytest.raises(SourceError, match="No such file"):
        await _replaced(files, lambda path: path.unlink(missing_ok=True))


async def test_a_backup_that_grew_is_not_the_one_that_was_asked_for(files: Files) -> None:
    path = files.write("a.tar.gz", gzip.compress(packed(complete())))
    backup = (await files.found())["a.tar.gz"]
    with path.open("ab") as file:
        file.write(gzip.compress(b"more"))
    assert (await files.depot.verify(backup)).outcome is Outcome.FAILED


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be somebody else")
async def test_a_backup_that_may_not_be_read_is_told(files: Files) -> None:
    path = files.write("a.tar", packed(complete()))
    path.chmod(0)
    backup = (await files.found())["a.tar"]
    os.seteuid(65534)
    try:
        with pytest.raises(SourceError, match="Permission denied"):
            await files.depot.verify(backup)
    finally:
        os.seteuid(0)


async def test_the_loop_goes_on_while_a_backup_is_read_and_progress_only_grows(
    files: Files,
) -> None:
    files.write("a.tar.gz", gzip.compress(packed({"x": os.urandom(30 * 1024**2)}), 1))
    backup = (await files.found())["a.tar.gz"]
    effort, seen = Effort(), [0.0]
    task = asyncio.create_task(files.depot.verify(backup, effort))
    while not task.done():
        await asyncio.sleep(0)
        if effort.part != seen[-1]:
            seen.append(effort.part)
    assert (await task).outcome is Outcome.PASSED
    assert seen == sorted(seen)
    assert len(seen) > 5, "the loop had its turns in between"
    assert effort.done_bytes == effort.total_bytes == backup.size_bytes


@pytest.mark.parametrize("suffix", ["tar", "tar.gz", "tar.zst"])
async def test_a_reading_that_is_given_up_ends_and_proves_nothing(
    files: Files, suffix: str
) -> None:
    content = packed({"x": os.urandom(48 * 1024**2)})
    pack = zstd if suffix == "tar.zst" else (lambda c: gzip.compress(c, 1))
    files.write(f"a.{suffix}", content if suffix == "tar" else pack(content))
    backup = (await files.found())[f"a.{suffix}"]
    effort = Effort()
    task = asyncio.create_task(files.depot.verify(backup, effort))
    await reading_begins(effort, task)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert effort.done_bytes < backup.size_bytes
    assert (await files.depot.stock()).known == {}


async def test_a_program_that_hangs_ends_with_the_reading(tmp_path: Path) -> None:
    settings = BackupSettings(dump_reader=("sleep", "1000"))
    files = Files(tmp_path, settings)
    files.write("a.dump", b"PGDMP" + os.urandom(1024**2))
    backup = (await files.found())["a.dump"]
    effort = Effort()
    task = asyncio.create_task(files.depot.verify(backup, effort))
    await reading_begins(effort, task)
    async with asyncio.timeout(PATIENCE_S):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_the_file_system_is_left_as_it_was(files: Files) -> None:
    """Nothing of an archive is ever unpacked to the disk."""
    files.write("a.tar.gz", gzip.compress(packed({"../up": b"x", "b": b"y"})))
    before = sorted(path for path in files.directory.parent.rglob("*"))
    await replace_memory(files).verified("a.tar.gz")
    assert sorted(path for path in files.directory.parent.rglob("*")) == before


def replace_memory(files: Files) -> Files:
    files.settings = replace(files.settings, memory=None)
    return files


def test_the_archives_of_these_tests_are_what_tar_knows(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(packed(complete()))
    with tarfile.open(tmp_path / "a.tar") as archive:
        assert archive.getnames() == ["files.tar", "manifest.txt", "SHA256SUMS"]
