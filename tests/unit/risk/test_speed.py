"""Judging stays quick: it runs while an operator waits for a dialog, and on every lint."""

import time

import pytest

from procedures.risk.assessment import assess
from tests.unit.risk.table import LINES

SHORT = [line.command for line in LINES if "\n" not in line.command and len(line.command) < 80]
READABLE = [line for line in SHORT if "unclosed" not in line and "if true" not in line][:200]


def _quickest_s(script: str, times: int = 5) -> float:
    """Return the least of several times, for others share the machine."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        assess(script)
        taken.append(time.perf_counter() - start)
    return min(taken)


def _script(lines: int) -> str:
    step = 'curl -sS --max-time 5 "$URL" | jq -r .status || echo "$URL is $? in $(date +%F)"'
    return "\n".join([step] * lines)


def test_a_script_of_two_hundred_lines_is_judged_in_milliseconds() -> None:
    assert _quickest_s(_script(200)) < 0.25


def test_two_hundred_different_commands_are_judged_in_milliseconds() -> None:
    assert _quickest_s("\n".join(READABLE)) < 0.25


def test_the_time_grows_with_the_length_and_not_with_its_square() -> None:
    assert _quickest_s(_script(1600), times=3) < 8 * 4 * _quickest_s(_script(200))


@pytest.mark.parametrize(
    "script",
    [
        "ls {" + "," * 20_000,
        "awk '" + "print " * 5_000 + "'",
        "sed 's/" + "a;" * 10_000 + "'",
        "sysctl " + "a" * 3_000 + "!",
        "iptables " + "-nL " * 3_000 + "!",
        "dmesg " + "-TTTT " * 3_000 + "!",
        'psql -c "' + "/* " * 10_000 + '"',
        'psql -c "SELECT ' + "'" * 10_001 + '"',
        "psql -c 'alter table " + "alter column type " * 3_000 + "'",
        "kubectl patch x -p '" + "replicas value " * 3_000 + "'",
        "curl " + "-sSX " * 3_000,
        "tar " + "-cf " * 5_000,
        "unknown " + "env unknown " * 300 + "ls",
        "unknown " + "ssh h unknown " * 300 + "ls",
        "ls | " * 2_000 + "ls",
        "A=1 " * 5_000,
        'echo "' + "$a $b " * 5_000 + '"',
        "x=(" * 16_000,
        "f() " * 16_000,
        "<<-a\n" * 16_000,
        "ls " + ">&" * 16_000,
    ],
    ids=lambda script: script[:20],
)
def test_no_text_takes_its_time(script: str) -> None:
    assert _quickest_s(script, times=1) < 2
