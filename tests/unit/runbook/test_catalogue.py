"""The catalogue: what is shipped is sound, and a broken document hides no other."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from procedures.environment import Method
from procedures.library.library import Library
from procedures.reference import indicators
from procedures.reference.levels import Level
from procedures.runbook.assertions import Assertion, IndicatorState, IndicatorValue
from procedures.runbook.catalogue import SHIPPED, load
from procedures.runbook.model import Procedure, Step

DOCUMENT = """\
---
id: {id}
title: {id}
when: [{alert}]
---
## One

- [ ] look
"""


def write(directory: Path, id: str, *, alert: str = "ServiceDown") -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{id}.md"
    path.write_text(DOCUMENT.format(id=id, alert=alert))
    return path


def asserted(step: Step) -> tuple[Assertion, ...]:
    condition = step.wait.condition if step.wait else None
    return (*step.preconditions, *step.checks, *((condition,) if condition else ()))


LONGEST_S = 2 * 3600
"""What a dump of a large database may take."""

SHIPPED_PROCEDURES = load().procedures


def test_every_shipped_document_can_be_walked() -> None:
    catalogue = load()
    assert catalogue.broken == ()
    assert {procedure.id for procedure in catalogue.procedures} >= {
        "complete-health-check", "rolling-restart", "cache-flush"}  # fmt: skip


@pytest.mark.parametrize("procedure", SHIPPED_PROCEDURES, ids=lambda each: each.id)
class TestShippedProcedure:
    def test_its_checks_speak_of_known_indicators_in_their_units(
        self, procedure: Procedure
    ) -> None:
        known = {each.id: each.unit for each in indicators.load()}
        for step in procedure.steps:
            for assertion in asserted(step):
                if isinstance(assertion, IndicatorState | IndicatorValue):
                    assert assertion.indicator in known
                if isinstance(assertion, IndicatorValue):
                    unit = known[assertion.indicator]
                    assert assertion.unit == (unit if unit in ("%", "ms") else ""), assertion.text

    def test_its_alerts_exist(self, procedure: Procedure) -> None:
        rules = tomllib.loads((SHIPPED.parent / "reference" / "alerts.toml").read_text())
        names = {rule["name"] for rules_of_kind in rules.values() for rule in rules_of_kind}
        assert set(procedure.when) <= names

    def test_no_request_can_hang(self, procedure: Procedure) -> None:
        for step in procedure.steps:
            for command in (*step.commands, *step.undo):
                requests = re.findall(r"\bcurl -[^|;]*", command.script.replace("\\\n", " "))
                assert all("--max-time" in request for request in requests), (step.id, requests)
                assert command.timeout_s <= LONGEST_S, step.id


def test_the_health_check_only_reads_and_serves_every_method() -> None:
    procedure = load().get("complete-health-check")
    assert procedure is not None
    assert procedure.methods == tuple(Method)
    assert {c.level for step in procedure.steps for c in step.commands} == {Level.READ}


def test_the_flush_must_be_confirmed_after_its_preconditions_and_cannot_be_undone() -> None:
    procedure = load().get("cache-flush")
    assert procedure is not None
    (flush,) = [s for s in procedure.steps if any(c.level is Level.DESTRUCTIVE for c in s.commands)]
    assert all(command.irreversible and command.affects for command in flush.commands)
    assert flush.preconditions
    assert flush.expect == ("OK",)


def test_an_alert_leads_to_the_procedures_made_for_it_first(tmp_path: Path) -> None:
    write(tmp_path, "narrow", alert="CacheDown")
    write(tmp_path, "wide", alert="ServiceDown, CacheDown")
    catalogue = load([tmp_path])
    assert [each.id for each in catalogue.for_alert("CacheDown")] == ["narrow", "wide"]
    assert [each.id for each in catalogue.for_alert("ServiceDown")] == ["wide"]
    assert catalogue.for_alert("Unheard") == ()


def test_a_broken_document_hides_no_other(tmp_path: Path) -> None:
    good = write(tmp_path, "good")
    bad = tmp_path / "bad.md"
    bad.write_text(DOCUMENT.format(id="bad", alert="x").replace("when", "whne"))
    binary = tmp_path / "binary.md"
    binary.write_bytes(b"\xff\xfe")
    catalogue = load([tmp_path, tmp_path / "absent"])
    assert [each.path for each in catalogue.procedures] == [good]
    assert {each.path for each in catalogue.broken} == {bad, binary, tmp_path / "absent"}
    assert all(each.error.fix for each in catalogue.broken)


def test_of_two_documents_with_one_id_the_second_is_broken(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a", "same"), write(tmp_path / "b", "same")
    catalogue = load([tmp_path / "a", tmp_path / "b"])
    assert [each.path for each in catalogue.procedures] == [first]
    (broken,) = catalogue.broken
    assert broken.path == second
    assert str(first) in broken.error.what


def test_a_theme_lists_its_own_procedures() -> None:
    catalogue = load()
    assert "startup-shutdown" in catalogue.themes
    assert {each.theme for each in catalogue.for_theme("startup-shutdown")} == {"startup-shutdown"}


def test_importing_the_catalogue_loads_no_parser() -> None:
    """The first picture must not wait for Markdown, YAML or a grammar."""
    script = (
        "import sys, procedures.runbook.catalogue, procedures.risk.assessment\n"
        "heavy = {'markdown_it', 'yaml', 'tree_sitter', 'tree_sitter_bash'}\n"
        "print(*heavy & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout.split() == []


def test_each_shipped_alert_names_the_procedure_that_answers_it() -> None:
    rules = tomllib.loads((SHIPPED.parent / "reference" / "alerts.toml").read_text())
    for rule in (rule for rules_of_kind in rules.values() for rule in rules_of_kind):
        procedure = load().get(rule["runbook"])
        assert procedure is not None, rule["name"]
        assert rule["name"] in procedure.when


def test_the_linter_sees_the_documents_that_the_list_shows(tmp_path: Path) -> None:
    (tmp_path / "a.mdx").write_text("# A\n\nText.\n")
    (tmp_path / "README.md").write_text("# About\n")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "b.md").write_text("# B\n")
    listed = {entry.path for entry in Library([tmp_path]).look().entries}
    assert {each.path for each in load([tmp_path]).procedures} == listed == {tmp_path / "a.mdx"}
