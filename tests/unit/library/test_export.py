"""Documents as files: Markdown and HTML."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.errors import DocumentError
from procedures.library.export import markdown_of, rendered, write_new
from procedures.library.html import html_page
from procedures.runbook.catalogue import SHIPPED
from procedures.runbook.parser import parse

RESTART = SHIPPED / "startup-shutdown" / "rolling-restart.md"


class Elements(HTMLParser):
    """Collects tags and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_markdown_is_a_document_of_its_own() -> None:
    procedure = parse(RESTART.read_text(), RESTART)
    markdown = markdown_of(procedure)
    assert markdown.startswith("# Rolling restart\n\nRestart every replica")
    assert "- **Takes:** 10 minutes" in markdown
    assert "\nid: " not in markdown
    for step in procedure.steps:
        assert f"### {step.title}" in markdown
        for command in step.commands:
            assert command.script in markdown


def test_the_page_shows_every_command_with_its_level() -> None:
    procedure = parse(RESTART.read_text(), RESTART)
    page = Elements(html_page(procedure.title, markdown_of(procedure)))
    for step in procedure.steps:
        for command in step.commands:
            assert command.script in page.text
    assert "kubernetes · change · affects every replica" in page.text
    assert "Phase 1: Before (within 3m)" in page.text
    assert "☐ Nobody else is deploying" in page.text
    assert "Warning: One replica is missing" in " ".join(page.text.split())


def test_links_between_documents_lead_to_pages() -> None:
    page = Elements(html_page("x", "[a](../cache/flush.md#top) [b](https://example.org/c.md)"))
    assert page.links == ["flush.html#top", "https://example.org/c.md"]


@given(st.text())
def test_a_page_never_holds_a_script_or_a_tag_of_the_document(text: str) -> None:
    page = Elements(html_page(text, f"{text}\n\n<script>x</script>\n\n`{text}`"))
    assert "script" not in page.tags
    assert page.tags.count("body") == 1


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "vbscript:x"])
def test_an_address_that_would_run_something_is_no_link(address: str) -> None:
    assert Elements(html_page("x", f"[a]({address})")).links == []


def test_another_suffix_is_refused() -> None:
    with pytest.raises(DocumentError, match="is no form of a document"):
        rendered("x", "x", ".pdf")


def test_no_file_is_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "a.md"
    write_new(target, "first")
    with pytest.raises(DocumentError, match="exists already"):
        write_new(target, "second")
    with pytest.raises(DocumentError, match="cannot be written"):
        write_new(tmp_path / "absent" / "a.md", "x")
    assert target.read_text() == "first"
    assert list(tmp_path.iterdir()) == [target]
