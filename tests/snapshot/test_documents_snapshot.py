"""How documents look: found, read, broken; and the pages of reference."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from procedures.library.commit import Commit
from tests.scripted import snapshot
from tests.snapshot.test_screens_snapshot import SIZES, Compare, saying, shelved_console

COMMIT = Commit(
    hash="0" * 40,
    at=datetime(2026, 2, 3, 4, 5, tzinfo=UTC),
    author="Ada",
    subject="Say what to do when nobody answers",
)


@pytest.fixture(autouse=True)
def committed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("procedures.library.commits.last_commit", lambda _: COMMIT)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "200x50"])
@pytest.mark.parametrize(
    "keys",
    [
        pytest.param("3 b", id="by-alert"),
        pytest.param("3 slash r e d i s minus c l i", id="search"),
        pytest.param("3 slash z z z z z", id="nothing-found"),
        pytest.param("3 slash h a l f", id="broken"),
        pytest.param("3 slash t a b l e enter v tab", id="reading"),
        pytest.param("3 slash t a b l e enter v end", id="reading-end"),
        pytest.param("3 slash m a t r i x enter enter", id="matrix"),
        pytest.param("3 slash t a b l e enter enter down down", id="message"),
    ],
)
def test_documents(snap_compare: Compare, tmp_path: Path, size: tuple[int, int], keys: str) -> None:
    app, _ = shelved_console(tmp_path)
    before = saying(app, snapshot(), *keys.split())
    assert snap_compare(app, terminal_size=size, run_before=before)
