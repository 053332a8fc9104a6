"""Judging takes milliseconds; run by `make bench`."""

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from procedures.risk.assessment import assess
from tests.unit.risk.table import LINES
from tests.unit.risk.test_growth import STEP

pytestmark = pytest.mark.benchmark_only

SHORT = [line.command for line in LINES if "\n" not in line.command and len(line.command) < 80]
READABLE = [line for line in SHORT if "unclosed" not in line and "if true" not in line][:200]


@pytest.mark.parametrize(
    "script", [STEP * 200, "\n".join(READABLE)], ids=["alike", "all different"]
)
def test_two_hundred_lines_are_judged_in_milliseconds(
    benchmark: BenchmarkFixture, script: str
) -> None:
    benchmark(assess, script)
