"""The catalogue's table of contents is what the documents say, and covers the operations README."""

import re
from pathlib import Path

import pytest

from procedures.library.contents import README, contents
from procedures.library.library import Library
from procedures.library.pages import pages
from procedures.reference.coverage import Section, load_coverage
from procedures.runbook.catalogue import SHIPPED

KNOWN = {entry.id for entry in Library(pages=pages()).read_all().entries}


@pytest.mark.parametrize("section", load_coverage(), ids=lambda each: f"{each.part}: {each.name}")
def test_each_section_of_the_operations_readme_is_served(section: Section) -> None:
    assert section.served_by
    assert set(section.served_by) <= KNOWN


def test_no_procedure_is_left_out() -> None:
    served = {each for section in load_coverage() for each in section.served_by}
    assert {path.stem for path in SHIPPED.rglob("*/*.md")} - served == set()


def test_the_readme_is_made_from_the_documents() -> None:
    assert README.read_text() == contents(), (
        "run: quarterdeck procedures contents > procedures/catalog/README.md"
    )


def test_its_links_lead_to_documents() -> None:
    for link in re.findall(r"\]\(([^)]+)\)", README.read_text()):
        assert Path(README.parent, link).is_file(), link
