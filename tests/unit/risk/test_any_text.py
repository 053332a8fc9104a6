"""Any text at all is judged: nothing raises, hangs, or takes the interpreter down."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procedures.reference.levels import Level
from procedures.risk.assessment import assess
from procedures.risk.nodes import original_of, source_of
from tests.unit.risk.table import LINES

ROOT = Path(__file__).parents[3]
COMMANDS = [line.command for line in LINES]
SIGNS = "$(){}[]`'\"|&;<>\\ \t\n\r\0=-#!*?~@é–🚀\U0010fffd"
OPENINGS = ["$(", "${", "$((", "<(", "<<E\n", "\nE\n", "<<<", "if ", "then ", "fi"]
NAMES = ["rm", "ls", "sudo ", "env ", "ssh h ", "sh -c "]
MARKS = [*SIGNS, *OPENINGS, *NAMES]


@given(st.text())
def test_any_text_at_all_can_be_judged(script: str) -> None:
    risk = assess(script)
    assert (risk.level is Level.READ) == (not risk.findings)


@settings(deadline=2000)
@given(st.lists(st.sampled_from(MARKS), max_size=60))
def test_shell_marks_in_any_order_can_be_judged(pieces: list[str]) -> None:
    assess("".join(pieces))


@st.composite
def mutations(draw: st.DrawFn) -> str:
    """Return a line of the table with characters inserted, deleted and doubled."""
    script = draw(st.sampled_from(COMMANDS))
    for _ in range(draw(st.integers(min_value=1, max_value=6))):
        at = draw(st.integers(min_value=0, max_value=len(script)))
        new = draw(st.sampled_from([*MARKS, "", script[at : at + 1] * 2]))
        script = script[:at] + new + script[at + draw(st.integers(min_value=0, max_value=2)) :]
    return script


@settings(deadline=2000, max_examples=300)
@given(mutations())
def test_a_line_of_the_table_with_typing_errors_can_be_judged(script: str) -> None:
    risk = assess(script)
    assert (risk.level is Level.READ) == (not risk.findings)


@settings(deadline=2000)
@given(st.sampled_from(COMMANDS), st.sampled_from(COMMANDS), st.data())
def test_the_head_of_one_line_and_the_tail_of_another_can_be_judged(
    one: str, other: str, data: st.DataObject
) -> None:
    head = one[: data.draw(st.integers(min_value=0, max_value=len(one)))]
    assess(head + other[data.draw(st.integers(min_value=0, max_value=len(other))) :])


def test_the_parser_does_not_take_the_interpreter_down() -> None:
    """It is native code, which would end the console without a word: so it runs apart."""
    batch = textwrap.dedent("""
        import random
        from procedures.risk.assessment import assess
        from tests.unit.risk.test_any_text import COMMANDS, MARKS
        chance = random.Random(20)
        for _ in range(1500):
            script = chance.choice(COMMANDS)
            for _ in range(chance.randint(1, 12)):
                at = chance.randint(0, len(script))
                new = chance.choice([*MARKS, "", script[at : at + 5] * chance.randint(1, 40)])
                script = script[:at] + new + script[at + chance.randint(0, 3) :]
            assess(script)
        for mark in MARKS:
            assess(mark * 3000)
            assess(("cat <<" + "E" * 2000 + mark) * 3)
        print("all judged")
    """)
    ended = subprocess.run(
        [sys.executable, "-c", batch], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "all judged\n", "")


@given(st.text(min_size=1))
def test_the_parser_is_only_given_signs_that_its_tables_hold(script: str) -> None:
    """Its scanner reads outside its memory where any other follows a brace."""
    if script.isprintable():
        assert source_of(script).isascii()
        assert original_of(source_of(script)) == script


@pytest.mark.parametrize(
    ("script", "level"),
    [
        ('echo "größer – 🚀 $a"', Level.READ),
        ("echo {🚀,x}", Level.READ),
        ("grep naïve report", Level.READ),
        ("rm größer", Level.DESTRUCTIVE),
        ("echo 🚀; rm x", Level.DESTRUCTIVE),
        ("cat <<É\n$(rm x)\nÉ\n", Level.DESTRUCTIVE),
    ],
)
def test_signs_of_other_alphabets_are_parts_of_words(script: str, level: Level) -> None:
    assert assess(script).level is level


def test_a_finding_shows_signs_of_other_alphabets_as_they_were_written() -> None:
    (finding,) = assess('rm "größer – 🚀"').findings
    assert finding.text == 'rm "größer – 🚀"'


@pytest.mark.parametrize("opening", ["(", "$(", "sudo ", "bash -c ", "{ ", "if ", "! ", "`", "${"])
def test_nesting_without_end_is_destructive_and_not_a_crash(opening: str) -> None:
    assert assess(opening * 400 + "ls").level is Level.DESTRUCTIVE


@pytest.mark.parametrize(
    "script",
    [
        "unknown " + "env unknown " * 60 + "ls",
        "unknown " + "ssh h unknown " * 60 + "ls",
        "unknown " + "sudo xargs unknown " * 60 + "ls",
    ],
    ids=["env", "ssh", "xargs"],
)
def test_a_text_that_unfolds_without_end_is_destructive(script: str) -> None:
    assert assess(script).level is Level.DESTRUCTIVE
