"""Every command line of the table has the level that an experienced operator gives it."""

from collections import Counter

import pytest

from procedures.reference.levels import Level
from procedures.risk.assessment import assess
from tests.unit.risk.table import FILES, LINES, Line


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.command)
def test_a_command_has_the_level_that_an_operator_gives_it(line: Line) -> None:
    risk = assess(line.command)
    assert risk.level is line.level, risk.findings
    assert bool(risk.findings) == (line.level is not Level.READ)
    assert all(finding.reason and finding.text for finding in risk.findings)


def test_the_table_does_not_shrink_unseen() -> None:
    counts = Counter(level for level, _ in LINES)
    assert len(FILES) >= 5
    assert counts[Level.READ] >= 230
    assert counts[Level.CHANGE] >= 140
    assert counts[Level.DESTRUCTIVE] >= 400


def test_no_command_stands_in_the_table_twice() -> None:
    assert [command for command, times in Counter(LINES).items() if times > 1] == []


def test_a_return_sign_before_a_command_hides_nothing() -> None:
    assert assess("ls\rrm x").level is Level.DESTRUCTIVE
