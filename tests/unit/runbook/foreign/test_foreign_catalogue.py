"""A directory of plain runbooks opens as a catalogue, and its linter warns of what it missed."""

import argparse
from datetime import date
from pathlib import Path

import pytest

from procedures.runbook.catalogue import SHIPPED, load
from procedures.runbook.foreign.recognition import is_foreign
from procedures.runbook.linter import lint
from tests.unit.runbook.foreign.kept import DOCUMENTS, FIXTURES
from tui.commands import lint as command

TODAY = date(2026, 11, 20)
OURS = "---\nid: ours\ntitle: Ours\n---\n\n## A\n\n- [ ] x\n"


def test_every_runbook_of_a_directory_opens() -> None:
    catalogue = load([FIXTURES])
    assert catalogue.broken == ()
    assert {procedure.id for procedure in catalogue.procedures} == set(DOCUMENTS)
    assert {path.stem for path in catalogue.notes} == set(DOCUMENTS)
    assert catalogue.themes == ("foreign-runbooks",)
    leads = catalogue.for_alert("NodeDiskPressure")
    assert [procedure.id for procedure in leads] == ["node-disk-pressure"]


def test_ours_and_others_lie_in_one_directory(tmp_path: Path) -> None:
    (tmp_path / "ours.md").write_text(OURS)
    (tmp_path / "theirs.md").write_text("# Theirs\n\nWords.\n")
    (tmp_path / "misspelt.md").write_text(OURS.replace("title", "titel"))
    (tmp_path / "empty.md").write_text("\n")
    catalogue = load([tmp_path])
    assert {procedure.id for procedure in catalogue.procedures} == {"ours", "theirs"}
    assert {broken.path.stem for broken in catalogue.broken} == {"misspelt", "empty"}
    assert {path.stem for path in catalogue.notes} == {"theirs"}


def test_files_of_one_name_in_several_folders_all_open(tmp_path: Path) -> None:
    for folder in ("a", "b", "c"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "index.md").write_text(f"# {folder}\n\nWords.\n")
    catalogue = load([tmp_path])
    assert {procedure.id for procedure in catalogue.procedures} == {"index", "b-index", "c-index"}


def test_the_shipped_catalogue_has_no_foreign_document() -> None:
    assert load([SHIPPED]).notes == {}


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        (OURS, False),
        (OURS.replace("\n", "\r\n"), False),
        ("---\nid: x\n", False),
        ("# Title\n", True),
        ("", True),
        ("---\ntitle: x\n---\nid: no key\n", True),
        ("---\nid: x\nsidebar_position: 2\n---\n", True),
        ("+++\nid = 'x'\n+++\n", True),
    ],
)
def test_a_document_of_ours_has_an_id(text: str, foreign: bool) -> None:
    assert is_foreign(text) is foreign


def test_what_is_not_understood_is_a_warning_and_no_house_rule_applies() -> None:
    complaints = lint([FIXTURES], today=TODAY)
    assert complaints
    assert all(complaint.is_warning for complaint in complaints)
    told = {(each.path.stem, each.problem.line) for each in complaints}
    assert ("certificate-renewal", 25) in told
    assert {each.problem.code for each in complaints} == {"not-understood"}


def test_the_command_prints_warnings_and_ends_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "theirs.md"
    path.write_text("---\nweight: 3\n---\n# T\n\nWords.\n")
    words = argparse.Namespace(paths=[tmp_path], rules=False, json=False)
    assert command.run(words) == 0
    shown = capsys.readouterr().out
    assert f"{path}:2: warning not-understood the key 'weight'" in shown
    (tmp_path / "bad.md").write_text(OURS.replace("title", "titel"))
    assert command.run(words) == 1
