"""Searching: what is typed at three in the morning finds what is meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.library.library import MOST_HITS, Library
from procedures.library.query import parse_query
from tests.shelves import write


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    place = tmp_path_factory.mktemp("docs")
    write(place, "cache-flush", when="CacheDown", command='redis-cli -n 0 "FLUSHALL"')
    write(place, "rolling-restart", theme="startup", roles="operations", severity="P1")
    write(place, "complete-backup", theme="backup", prose="The cache is left out: it is ephemeral.")
    write(place, "menü-änderung", theme="startup", title="Menü ändern")
    library = Library([place])
    library.read_all()
    return library


def found(library: Library, typed: str) -> list[str]:
    return [entry.id for entry in library.search(parse_query(typed))]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("cache", "cache-flush"),
        ("roll", "rolling-restart"),
        ("RESTART rolling", "rolling-restart"),
        ("flushall", "cache-flush"),
        ("redis-cli", "cache-flush"),
        ("CacheDown", "cache-flush"),
        ("ephemeral", "complete-backup"),
        ("rolng restrt", "rolling-restart"),
        ("bakup", "complete-backup"),
        ("flsh cach", "cache-flush"),
        ("restart roling", "rolling-restart"),
        ("menu", "menü-änderung"),
    ],
)
def test_the_document_that_is_meant_comes_first(library: Library, typed: str, first: str) -> None:
    assert found(library, typed)[0] == first


def test_a_title_counts_more_than_a_mention(library: Library) -> None:
    assert found(library, "cache")[:2] == ["cache-flush", "complete-backup"]


def test_all_words_must_be_found(library: Library) -> None:
    assert "complete-backup" not in found(library, "cache flushall")


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        ("alert:CacheDown", {"cache-flush"}),
        ("alert:cached", {"cache-flush"}),
        ("theme:startup", {"rolling-restart", "menü-änderung"}),
        ("severity:p1", {"rolling-restart"}),
        ("role:operations", {"rolling-restart"}),
        ("level:destructive", set()),
        ("method:docker backup", {"complete-backup"}),
        ("theme:startup role:operations", {"rolling-restart"}),
        ("theme:nowhere", set()),
    ],
)
def test_filters_narrow(library: Library, typed: str, ids: set[str]) -> None:
    assert set(found(library, typed)) == ids


def test_nothing_typed_shows_everything(library: Library) -> None:
    assert len(found(library, "  ")) == 4


def test_nonsense_finds_nothing(library: Library) -> None:
    assert found(library, "qqqq zzzz xxxx") == []


@given(st.text(max_size=60))
def test_whatever_is_typed_is_answered(library: Library, typed: str) -> None:
    assert len(found(library, typed)) <= MOST_HITS


@pytest.mark.parametrize(
    "typed", ['"', "a*", "NEAR(", "title:", "-x", "AND OR NOT", "'; DROP", "{"]
)
def test_the_index_language_means_nothing_here(library: Library, typed: str) -> None:
    assert isinstance(found(library, typed), list)
