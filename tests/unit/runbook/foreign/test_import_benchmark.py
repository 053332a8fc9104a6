"""How long an operator waits for a plain runbook."""

from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from procedures.runbook.foreign.importer import read_foreign
from tests.unit.runbook.foreign.kept import DOCUMENTS
from tests.unit.runbook.foreign.test_size import MEGABYTE, PATTERNS

LONGEST_S = 2.0


@pytest.mark.benchmark_only
@pytest.mark.benchmark(min_rounds=2, max_time=1.0, warmup=False)
@pytest.mark.parametrize("name", PATTERNS)
def test_a_megabyte_is_read_while_one_waits(benchmark: BenchmarkFixture, name: str) -> None:
    text = PATTERNS[name] * (MEGABYTE // len(PATTERNS[name]))
    benchmark(read_foreign, text, Path("x.md"))
    assert benchmark.stats is not None
    assert benchmark.stats.stats.min < LONGEST_S


@pytest.mark.benchmark_only
def test_a_usual_runbook_is_read_at_once(benchmark: BenchmarkFixture) -> None:
    result = benchmark(read_foreign, DOCUMENTS["node-disk-pressure"], Path("x.md"))
    assert result.procedure is not None
