"""How long an operator waits for the command itself."""

import subprocess
import sys

import pytest
from pytest_benchmark.fixture import BenchmarkFixture


@pytest.mark.benchmark_only
@pytest.mark.parametrize("words", [["--version"], ["check", "--help"]], ids=" ".join)
def test_the_command_answers_at_once(benchmark: BenchmarkFixture, words: list[str]) -> None:
    command = [sys.executable, "-m", "tui", *words]
    done = benchmark(subprocess.run, command, capture_output=True, check=True)
    assert done.stdout
