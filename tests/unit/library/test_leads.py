"""From an alert to its procedure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.library.leads import leads_of
from procedures.library.library import Library, Shelf
from tests.shelves import write


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    place = tmp_path_factory.mktemp("docs")
    write(place, "cache-flush", when="CacheDown")
    write(place, "health", theme="checks", when="CacheDown, ServiceDown")
    write(place, "rolling-restart", theme="startup")
    return Library([place]).read_all()


@pytest.mark.parametrize(
    "address",
    [
        "rolling-restart",
        "startup/rolling-restart.md",
        "https://runbooks.example.org/startup/rolling-restart",
        "https://runbooks.example.org/x/rolling-restart.html?plain=1",
        "https://runbooks.example.org/common.md#rolling-restart",
        "docs/runbooks/startup/rolling-restart.md",
        "/startup/rolling-restart.md",
        "  rolling-restart  ",
    ],
)
@pytest.mark.parametrize("annotation", ["runbook", "runbook_url"])
def test_what_an_alert_names_itself_comes_first(
    shelf: Shelf, annotation: str, address: str
) -> None:
    leads = leads_of("CacheDown", {annotation: address}, shelf)
    assert [entry.id for entry in leads] == ["rolling-restart", "cache-flush", "health"]


@pytest.mark.parametrize("address", ["", "https://example.org/", "https://[", "unknown", "#", "/"])
def test_an_address_that_names_nothing_leaves_the_catalogue(shelf: Shelf, address: str) -> None:
    leads = leads_of("CacheDown", {"runbook_url": address}, shelf)
    assert [entry.id for entry in leads] == ["cache-flush", "health"]


def test_an_alert_that_nobody_knows_leads_nowhere(shelf: Shelf) -> None:
    assert leads_of("Unheard", {}, shelf) == ()


@given(st.text())
def test_no_annotation_is_too_odd(shelf: Shelf, address: str) -> None:
    assert leads_of("ServiceDown", {"runbook": address}, shelf)[-1].id == "health"
