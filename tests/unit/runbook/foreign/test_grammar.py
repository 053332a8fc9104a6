"""Positions in a shell text, whatever signs it holds."""

import subprocess
import sys

import pytest

from procedures.runbook.foreign.grammar import root_of
from procedures.runbook.foreign.layout import layout_of

FUZZ = """
import random
from procedures.runbook.foreign.grammar import root_of
chance = random.Random(5)
signs = [*"{}$`()<>| aé'", '"', "\\n", "\\U0001f692", "\\uffff"]
for _ in range(3000):
    root_of("".join(chance.choices(signs, k=chance.randrange(40))))
print("alive")
"""


def test_positions_are_those_of_the_scripts_own_bytes() -> None:
    script = "echo é🚒 && rm 'ü'"
    root = root_of(script)
    assert (root.start_byte, root.end_byte) == (0, len(script.encode()))


@pytest.mark.parametrize("script", ["{🚒", "${🚒}", "echo {🚒,a}", "\U0010ffff{"])
def test_signs_beyond_the_scanners_tables_are_read(script: str) -> None:
    assert root_of(script).end_byte == len(script.encode())


def test_no_text_ends_the_interpreter() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FUZZ], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout) == (0, "alive\n")


def test_a_comment_keeps_its_own_words() -> None:
    layout = layout_of("# 1. Überprüfen 🚒\necho ok\n")
    assert layout is not None
    assert layout.comments == {0: "# 1. Überprüfen 🚒"}
