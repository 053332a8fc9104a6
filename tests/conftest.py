"""Fixtures that several houses need."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.prometheus_stack import PrometheusStack, missing_programs, running_stack


@pytest.fixture(scope="session")
def prometheus_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrometheusStack]:
    """A real Prometheus and Alertmanager; skips where they are not installed."""
    if missing := missing_programs():
        pytest.skip(f"not installed: {', '.join(missing)}; install their Debian packages")
    root: Path = tmp_path_factory.mktemp("prometheus")
    with running_stack(root) as stack:
        yield stack
