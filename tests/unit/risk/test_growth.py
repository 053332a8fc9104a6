"""Judging stays quick: it runs while an operator waits for a dialog, and on every lint.

What is counted is work, not time: twice the text may take no more than twice the calls.
"""

import sys
from types import FrameType

import pytest

from procedures.risk.assessment import assess

STEP = 'curl -sS --max-time 5 "$URL" | jq -r .status || echo "$URL is $? in $(date +%F)"\n'
ENOUGH = 20_000
"""Calls that take some milliseconds: below, the growth is nobody's concern."""


def _calls(script: str) -> int:
    """Return how many functions are called to judge it."""
    count = 0

    def note(_frame: FrameType, event: str, _value: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        assess(script)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(
    ("before", "piece", "times", "after"),
    [
        ("", STEP, 100, ""),
        ("ls {", ",", 10_000, ""),
        ("awk '", "print ", 2_500, "'"),
        ("sed 's/", "a;", 5_000, "'"),
        ("sysctl ", "a", 1_500, "!"),
        ("iptables ", "-nL ", 1_500, "!"),
        ("dmesg ", "-TTTT ", 1_500, "!"),
        ('psql -c "', "/* ", 5_000, '"'),
        ('psql -c "SELECT ', "'", 5_001, '"'),
        ("psql -c 'alter table ", "alter column type ", 1_500, "'"),
        ("kubectl patch x -p '", "replicas value ", 1_500, "'"),
        ("curl ", "-sSX ", 1_500, ""),
        ("tar ", "-cf ", 2_500, ""),
        ("unknown ", "env unknown ", 150, "ls"),
        ("unknown ", "ssh h unknown ", 150, "ls"),
        ("", "ls | ", 1_000, "ls"),
        ("", "A=1 ", 2_500, ""),
        ('echo "', "$a $b ", 2_500, '"'),
        ("", "x=(", 8_000, ""),
        ("", "f() ", 8_000, ""),
        ("", "<<-a\n", 8_000, ""),
        ("ls ", ">&", 8_000, ""),
    ],
    ids=lambda value: value[:12].strip() if isinstance(value, str) else str(value),
)
def test_twice_the_text_is_at_most_twice_the_work(
    before: str, piece: str, times: int, after: str
) -> None:
    once = _calls(before + piece * times + after)
    twice = _calls(before + piece * 2 * times + after)
    assert twice < max(2.2 * once, ENOUGH), f"{once} calls became {twice}"
