"""The document as it was: found again unchanged, or not at all."""

from pathlib import Path

import pytest

from procedures.errors import RunError
from procedures.execution.record.as_begun import keep, recall
from procedures.runbook.documents import read_document
from procedures.runbook.model import Procedure
from procedures.runbook.parser import parse

OURS = """---
id: cache-flush
title: Cache flush
theme: caches
summary: s
---

## Phase

### One

- [ ] Tell the others
"""
FOREIGN = "# Flush\n\n## Do it\n\n```bash\nredis-cli flushdb\n```\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "run-1"


def placed(folder: Path) -> Path:
    (path,) = (each for each in folder.rglob("*") if each.is_file())
    return path


def test_a_document_is_found_again_as_it_was(tmp_path: Path, folder: Path) -> None:
    procedure = parse(OURS, tmp_path / "caches" / "cache-flush.md")
    keep(procedure, folder)
    found = recall(folder, procedure.digest)
    assert found
    assert (found.source, found.steps) == (OURS, procedure.steps)
    path = placed(folder)
    assert path.stat().st_mode & 0o777 == 0o600
    for above in list(path.parents)[:4]:
        assert above.stat().st_mode & 0o777 == 0o700


def test_a_plain_runbook_is_found_again_by_its_name(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "redis" / "Flush it.md"
    path.parent.mkdir()
    path.write_text(FOREIGN)
    procedure = read_document(path).procedure
    keep(procedure, folder)
    found = recall(folder, procedure.digest)
    assert found
    assert (found.id, found.theme, found.steps) == (procedure.id, "redis", procedure.steps)


def test_a_document_named_without_its_directory_is_found_again(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "flush.md").write_text(FOREIGN)
    monkeypatch.chdir(tmp_path)
    procedure = read_document(Path("flush.md")).procedure
    keep(procedure, folder)
    assert recall(folder, procedure.digest)


@pytest.mark.parametrize(
    "content",
    [
        OURS.replace("others", "customers").encode(),
        OURS.replace("\n", "\r\n").encode(),
        OURS.encode() + b" ",
        b"",
        b"\xff",
        b"---\nid: [\n---\n",
    ],
)
def test_a_copy_that_was_changed_is_not_the_document(
    tmp_path: Path, folder: Path, content: bytes
) -> None:
    procedure = parse(OURS, tmp_path / "caches" / "cache-flush.md")
    keep(procedure, folder)
    placed(folder).write_bytes(content)
    assert recall(folder, procedure.digest) is None


def test_a_copy_that_is_gone_or_no_file_is_not_the_document(tmp_path: Path, folder: Path) -> None:
    procedure = parse(OURS, tmp_path / "caches" / "cache-flush.md")
    assert recall(folder, procedure.digest) is None
    keep(procedure, folder)
    path = placed(folder)
    path.unlink()
    assert recall(folder, procedure.digest) is None
    path.mkdir()
    assert recall(folder, procedure.digest) is None
    path.rmdir()
    path.symlink_to(path)
    assert recall(folder, procedure.digest) is None


def test_the_right_document_is_found_beside_others(tmp_path: Path, folder: Path) -> None:
    procedure = parse(OURS, tmp_path / "caches" / "cache-flush.md")
    keep(procedure, folder)
    (placed(folder).parent / "another.md").write_text("no document")
    (folder / "document" / "aaa").mkdir()
    assert recall(folder, procedure.digest)


def test_a_run_without_a_folder_does_not_begin(tmp_path: Path) -> None:
    procedure: Procedure = parse(OURS, tmp_path / "caches" / "cache-flush.md")
    (tmp_path / "runs").write_text("")
    with pytest.raises(RunError, match="the folder of the run cannot be made"):
        keep(procedure, tmp_path / "runs" / "run-1")
