"""Who changed a document last."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from procedures.library.commits import last_commit
from tests.shelves import write


def git(place: Path, *words: str) -> None:
    identity = ("-c", "user.name=Ada \x1b[31mL", "-c", "user.email=ada@example.com")
    subprocess.run(["git", *identity, *words], cwd=place, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    return tmp_path


def test_the_last_commit_of_a_document_is_told(repository: Path) -> None:
    path = write(repository, "one")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "First words", "--date", "2026-03-04T05:06:07Z")
    write(repository, "two")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "Another document")
    commit = last_commit(path)
    assert commit is not None
    assert (commit.subject, commit.changed, len(commit.hash)) == ("First words", False, 40)
    assert commit.at.tzinfo is UTC
    assert commit.at <= datetime.now(UTC)


def test_a_name_cannot_steer_the_terminal(repository: Path) -> None:
    path = write(repository, "one")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "Words")
    commit = last_commit(path)
    assert commit is not None
    assert commit.author.isprintable()


def test_a_document_that_was_changed_since_says_so(repository: Path) -> None:
    path = write(repository, "one")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "Words")
    path.write_text("other")
    commit = last_commit(path)
    assert commit is not None
    assert commit.changed


def test_outside_a_repository_and_before_a_commit_nobody_is_named(
    tmp_path: Path, repository: Path
) -> None:
    assert last_commit(write(repository, "new")) is None
    assert last_commit(tmp_path / "absent" / "one.md") is None
