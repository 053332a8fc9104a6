"""No line freezes the console, whatever is in it; run by `make bench`, prints figures."""

import sys
import time

import pytest

from procedures.targets.log_lines import LONGEST_LINE, LogLine, Severity
from widgets.log_rows import body_of, head_of, rows_of

WIDTH, HEIGHT = 200, 49

pytestmark = pytest.mark.benchmark_only

HOSTILE = {
    "plain": "x",
    "colours": "\x1b[31mE\x1b[0m",
    "titles": "\x1b]0;x\x07y",
    "wide": "漢字",
    "marks": "e\u0301",
    "tabs": "\t",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_a_screen_of_the_longest_lines_is_drawn_in_an_instant(piece: str) -> None:
    texts = [f"{n}{piece * LONGEST_LINE}"[:LONGEST_LINE] for n in range(HEIGHT)]
    lines = [LogLine("2026-11-23T14:25:00.5Z", "a", Severity.INFO, text) for text in texts]
    begun = time.process_time()
    for line in lines:
        body_of(line, None, start=0, most=2 * WIDTH)
    cut = time.process_time() - begun
    begun = time.process_time()
    rows = rows_of(head_of(lines[0], "", 0, date=True), body_of(lines[0], None), WIDTH)
    wrapped = time.process_time() - begun
    sys.stdout.write(
        f"\n{HEIGHT} rows cut: {1000 * cut:.1f} ms; one line of {len(rows)} rows wrapped: "
        f"{1000 * wrapped:.1f} ms\n"
    )
