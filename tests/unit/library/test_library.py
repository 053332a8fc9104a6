"""The shelf: a list at once, each document read once, and nothing that vanishes silently."""

import os
import sqlite3
from pathlib import Path

import pytest

from procedures.errors import DocumentError
from procedures.library import library as module
from procedures.library.entry import Entry, Kind
from procedures.library.index import Index
from procedures.library.library import Library
from procedures.library.pages import pages
from procedures.library.query import parse_query
from procedures.runbook.documents import read_document
from tests.shelves import write


def by_id(library: Library) -> dict[str, Entry]:
    return {entry.id: entry for entry in library.shelf.entries}


def change(path: Path, text: str) -> None:
    """Write other content, with a time that surely differs."""
    before = path.stat().st_mtime_ns
    path.write_text(text)
    os.utime(path, ns=(before + 1_000_000_000, before + 1_000_000_000))


class Reader:
    """Counts what is parsed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.read: list[str] = []
        monkeypatch.setattr(module, "read_document", self)

    def __call__(self, path: Path) -> object:
        self.read.append(path.stem)
        return read_document(path)


def test_the_list_is_there_before_anything_is_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "cold-cache", title="The cache is cold", summary="Warm it.")
    reader = Reader(monkeypatch)
    shelf = Library([tmp_path]).look()
    (entry,) = shelf.entries
    assert (entry.kind, entry.title, entry.summary) == (
        Kind.UNREAD,
        "The cache is cold",
        "Warm it.",
    )
    assert (shelf.unread, reader.read) == (1, [])


def test_reading_fills_in_what_only_the_whole_document_tells(tmp_path: Path) -> None:
    write(tmp_path, "cold-cache", when="CacheDown", severity="P2, P3")
    (entry,) = Library([tmp_path]).read_all().entries
    assert entry.kind is Kind.PROCEDURE
    assert (entry.when, entry.severity) == (("CacheDown",), ("P2", "P3"))


def test_a_bounded_read_ends_after_one_document_and_goes_on_where_it_stopped(
    tmp_path: Path,
) -> None:
    for number in range(3):
        write(tmp_path, f"doc-{number}")
    library = Library([tmp_path])
    library.look()
    assert [library.read(for_s=0.0).unread for _ in range(3)] == [2, 1, 0]


def test_a_second_start_parses_only_what_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, index = tmp_path / "docs", tmp_path / "index.db"
    write(place, "one")
    changed = write(place, "two")
    Library([place], index=index).read_all()
    change(changed, changed.read_text().replace("A summary.", "Another summary."))
    reader = Reader(monkeypatch)
    library = Library([place], index=index)
    library.read_all()
    assert reader.read == ["two"]
    assert by_id(library)["two"].summary == "Another summary."


def test_a_change_on_disk_is_seen_and_read_again(tmp_path: Path) -> None:
    path = write(tmp_path, "one")
    library = Library([tmp_path])
    library.read_all()
    change(path, path.read_text().replace("Some prose.", "Words about zebras."))
    assert library.look().unread == 1
    library.read_all()
    assert [e.id for e in library.search(parse_query("zebras"))] == ["one"]


def test_a_document_that_is_gone_is_no_longer_found(tmp_path: Path) -> None:
    write(tmp_path, "one", command="zebra --count")
    path = write(tmp_path, "two", command="zebra --count")
    library = Library([tmp_path])
    library.read_all()
    path.unlink()
    library.look()
    assert [e.id for e in library.search(parse_query("zebra"))] == ["one"]


def test_a_broken_document_stands_in_its_place_with_its_error(tmp_path: Path) -> None:
    write(tmp_path, "good")
    path = write(tmp_path, "bad")
    path.write_text(path.read_text().replace("severity: [P3]", "severity: [P9]"))
    library = Library([tmp_path])
    library.read_all()
    bad = by_id(library)["bad"]
    assert bad.kind is Kind.BROKEN
    assert "bad.md:7: unknown severity 'P9'" in bad.problem
    assert bad.fix
    assert by_id(library)["good"].kind is Kind.PROCEDURE


def test_a_mended_document_can_be_used_again(tmp_path: Path) -> None:
    path = write(tmp_path, "doc")
    good = path.read_text()
    path.write_text("---\nid: doc\n")
    library = Library([tmp_path])
    library.read_all()
    change(path, good)
    library.read_all()
    assert by_id(library)["doc"].kind is Kind.PROCEDURE


def test_what_a_team_wrote_replaces_what_is_shipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped, team = tmp_path / "shipped", tmp_path / "team"
    write(shipped, "restart", summary="Ours.")
    write(team, "restart", summary="Theirs.")
    monkeypatch.setattr(module, "SHIPPED", shipped)
    library = Library([team, shipped])
    library.read_all()
    assert [(e.id, e.summary) for e in library.shelf.entries] == [("restart", "Theirs.")]


def test_two_documents_of_a_team_with_one_id_are_told(tmp_path: Path) -> None:
    first = write(tmp_path / "a", "restart")
    write(tmp_path / "b", "restart")
    library = Library([tmp_path / "a", tmp_path / "b"])
    library.read_all()
    kinds = {entry.path.parts[-3]: entry for entry in library.shelf.entries}
    assert kinds["a"].kind is Kind.PROCEDURE
    assert kinds["b"].kind is Kind.BROKEN
    assert f"is taken by {first}" in kinds["b"].problem


def test_a_directory_that_is_not_there_is_told_and_hides_no_other(tmp_path: Path) -> None:
    write(tmp_path / "a", "one")
    library = Library([tmp_path / "absent", tmp_path / "a"])
    library.read_all()
    kinds = {entry.id: entry.kind for entry in library.shelf.entries}
    assert kinds == {"one": Kind.PROCEDURE, "absent": Kind.BROKEN}


def test_hidden_directories_and_readmes_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "one")
    write(tmp_path / ".git", "not-this")
    (tmp_path / "README.md").write_text("# About\n")
    (tmp_path / "notes.txt").write_text("no Markdown\n")
    assert [e.id for e in Library([tmp_path]).look().entries] == ["one"]


def test_a_link_that_goes_in_circles_does_not(tmp_path: Path) -> None:
    write(tmp_path, "one")
    (tmp_path / "again").symlink_to(tmp_path)
    assert [e.id for e in Library([tmp_path]).look().entries] == ["one"]


@pytest.mark.parametrize("content", [b"no database at all" * 100, b""])
def test_a_damaged_index_is_made_anew(tmp_path: Path, content: bytes) -> None:
    place, index = tmp_path / "docs", tmp_path / "index.db"
    write(place, "one")
    index.write_bytes(content)
    library = Library([place], index=index)
    library.read_all()
    library.close()
    assert [e.id for e in library.shelf.entries] == ["one"]
    assert sqlite3.connect(index).execute("SELECT count(*) FROM documents").fetchone() == (1,)


def test_an_index_of_another_version_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, index = tmp_path / "docs", tmp_path / "index.db"
    write(place, "one")
    Library([place], index=index).read_all()
    monkeypatch.setattr(module, "_version", lambda: "another")
    reader = Reader(monkeypatch)
    Library([place], index=index).read_all()
    assert reader.read == ["one"]


def test_without_a_place_for_the_index_everything_still_works(tmp_path: Path) -> None:
    write(tmp_path / "docs", "one")
    (tmp_path / "file").write_text("")
    library = Library([tmp_path / "docs"], index=tmp_path / "file" / "index.db")
    library.read_all()
    assert [e.id for e in library.search(parse_query("one"))] == ["one"]


def test_a_disk_that_is_full_costs_only_the_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "one")
    write(tmp_path, "two", command="zebra")
    library = Library([tmp_path], index=tmp_path / "index.db")
    library.look()
    library.read(for_s=0.0)

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(Index, "keep", full)
        library.read(for_s=0.0)
    library.read_all()
    assert [e.id for e in library.search(parse_query("zebra"))] == ["two"]
    assert {e.kind for e in library.shelf.entries} == {Kind.PROCEDURE}


def test_two_consoles_share_an_index(tmp_path: Path) -> None:
    place, index = tmp_path / "docs", tmp_path / "index.db"
    write(place, "one")
    first, second = Library([place], index=index), Library([place], index=index)
    first.look()
    second.look()
    assert first.read_all().unread == second.read_all().unread == 0
    assert [e.id for e in second.search(parse_query("one"))] == ["one"]


def test_opening_reads_the_document_as_it_is_now(tmp_path: Path) -> None:
    path = write(tmp_path, "one")
    library = Library([tmp_path])
    (entry,) = library.read_all().entries
    path.write_text(path.read_text().replace("title: One", "title: Renamed"))
    assert library.open(entry).procedure.title == "Renamed"
    path.unlink()
    with pytest.raises(DocumentError, match="cannot be read"):
        library.open(entry)


def test_reference_pages_stand_beside_the_documents_and_are_searched(tmp_path: Path) -> None:
    write(tmp_path, "one")
    library = Library([tmp_path], pages=pages())
    library.read_all()
    (found, *_) = library.search(parse_query("pitr recovery"))
    assert found.id == "glossary"
    page = library.page(found)
    assert page is not None
    assert "**PITR**" in page.markdown
