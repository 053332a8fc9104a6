"""A file is copied into the record without secrets, or an error says why not."""

import hashlib
import os
from pathlib import Path

import pytest

from procedures.errors import RunError
from procedures.execution.record import evidence
from procedures.execution.record.evidence import LIMIT, Evidence, keep
from procedures.execution.secrets.redaction import Redactor


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "run-1"


def kept(found: Evidence, folder: Path) -> bytes:
    content = (folder / "evidence" / found.name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == found.sha256
    return content


def refused(path: Path, folder: Path) -> RunError:
    with pytest.raises(RunError) as caught:
        keep(path, folder)
    assert caught.value.fix
    assert not list(folder.rglob("*.*"))
    return caught.value


def test_a_file_is_kept_as_it_is_for_its_owner_alone(tmp_path: Path, folder: Path) -> None:
    original = tmp_path / "shot.png"
    original.write_bytes(bytes(range(256)) * 3)
    found = keep(original, folder)
    assert found.name.endswith("-shot.png")
    original.unlink()
    assert kept(found, folder) == bytes(range(256)) * 3
    place = folder / "evidence" / found.name
    assert place.stat().st_mode & 0o777 == 0o600
    for above in (place.parent, folder, folder.parent):
        assert above.stat().st_mode & 0o777 == 0o700


def test_secrets_are_taken_out_of_content_and_name_wherever_they_stand(
    tmp_path: Path, folder: Path
) -> None:
    secret = "swordfish-9000"  # noqa: S105 - what must not be found
    original = tmp_path / f"{secret}.log"
    padding = b"x" * (evidence._CHUNK - 5) + b"\n"
    original.write_bytes(padding + f"login {secret}\nDB_PASSWORD=hunter2\n".encode())
    found = keep(original, folder, [secret])
    assert secret not in found.name
    assert kept(found, folder) == padding + "login ••••\nDB_PASSWORD=••••\n".encode()


def test_a_secret_across_the_parts_that_are_read_is_found(tmp_path: Path, folder: Path) -> None:
    original = tmp_path / "log"
    for shift in range(14):
        before = b"y" * (evidence._CHUNK - shift)
        original.write_bytes(before + b" swordfish-9000\n")
        assert b"fish" not in kept(keep(original, folder, ["swordfish-9000"]), folder)


def test_files_of_one_name_do_not_replace_each_other(tmp_path: Path, folder: Path) -> None:
    names = []
    for content in (b"one", b"two", b"one"):
        (tmp_path / "log").write_bytes(content)
        found = keep(tmp_path / "log", folder)
        names.append(found.name)
        assert kept(found, folder) == content
    assert len(set(names)) == 2
    assert len(list((folder / "evidence").iterdir())) == 2


@pytest.mark.parametrize("name", ["nothing", "nothing/at/all", "~nobody-of-this-name/x", "a\0b"])
def test_what_is_not_there_is_an_error(tmp_path: Path, folder: Path, name: str) -> None:
    path = Path(name) if name.startswith("~") else tmp_path / name
    assert "cannot be added to the record" in refused(path, folder).what


def test_what_is_no_file_is_an_error_and_is_not_waited_for(tmp_path: Path, folder: Path) -> None:
    """To open a pipe waits until somebody writes into it."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path("/dev/zero"), Path("/dev/tty")):
        what = refused(path, folder).what
        assert "is no file" in what or "cannot be added" in what


@pytest.mark.parametrize("size", [LIMIT, LIMIT + 1])
def test_a_file_has_a_bound(tmp_path: Path, folder: Path, size: int) -> None:
    original = tmp_path / "core.dump"
    with original.open("wb") as file:
        file.truncate(size)
    if size > LIMIT:
        assert "is larger than 16 MiB" in refused(original, folder).what
    else:
        assert len(kept(keep(original, folder), folder)) == LIMIT


def test_a_file_that_says_that_it_is_empty_is_read_all_the_same(folder: Path) -> None:
    assert kept(keep(Path("/proc/self/status"), folder), folder).startswith(b"Name:")


def test_a_file_that_grows_while_it_is_read_is_not_read_for_ever(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "LIMIT", 100)
    original = tmp_path / "log"
    original.write_bytes(b"z" * 50)
    monkeypatch.setattr(evidence, "Redactor", _Growing)
    _Growing.file = original
    assert "is larger than" in refused(original, folder).what


class _Growing(Redactor):
    """Lets the file grow whenever something of it was read."""

    file = Path()

    def feed(self, chunk: bytes) -> bytes:
        with self.file.open("ab") as file:
            file.write(b"z" * 50)
        return super().feed(chunk)


@pytest.mark.parametrize("name", ["x" * 255, "é" * 127, "\x1b[31mred\n", os.fsdecode(b"\xff\xfe")])
def test_any_name_that_a_file_can_have_can_be_kept_and_shown(
    tmp_path: Path, folder: Path, name: str
) -> None:
    original = tmp_path / name
    original.write_bytes(b"content")
    found = keep(original, folder)
    assert kept(found, folder) == b"content"
    assert found.name.isprintable()
    found.name.encode()


def test_a_link_is_followed_to_the_file(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "log").write_bytes(b"content")
    (tmp_path / "link").symlink_to(tmp_path / "log")
    assert kept(keep(tmp_path / "link", folder), folder) == b"content"
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(RunError, match="cannot be added"):
        keep(tmp_path / "loop", folder)


def test_a_place_that_takes_nothing_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"content")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(RunError, match="cannot be added"):
        keep(tmp_path / "log", tmp_path / "file" / "run-1")
