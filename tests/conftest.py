"""Fixtures that several houses need."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import scripted
from tests.docker_engine import DockerEngine, running_engine, why_not
from tests.prometheus_stack import PrometheusStack, missing_programs, running_stack


def pytest_configure() -> None:
    """Heed the signals of a terminal: a shell that runs us in its background ignores them.

    The programs that tests start would inherit that, and wait for an interrupt for ever.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGQUIT) is signal.SIG_IGN:
        signal.signal(signal.SIGQUIT, signal.SIG_DFL)


@pytest.fixture(scope="session")
def prometheus_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrometheusStack]:
    """A real Prometheus and Alertmanager; skips where they are not installed."""
    if missing := missing_programs():
        pytest.skip(f"not installed: {', '.join(missing)}; install their Debian packages")
    root: Path = tmp_path_factory.mktemp("prometheus")
    with running_stack(root) as stack:
        yield stack


@pytest.fixture(scope="session")
def docker_engine() -> Iterator[DockerEngine]:
    """A Docker engine of its own with images; skips where there can be none."""
    if missing := why_not():
        pytest.skip(missing)
    # Takes long to import, and most rooms do without.
    from tests.docker_images import make_postgres, make_redis, make_service, make_tools

    with running_engine() as engine:
        for make in (make_service, make_redis, make_postgres, make_tools):
            make(engine.url)
        yield engine


@pytest.fixture(scope="session", autouse=True)
def shared_index() -> Iterator[None]:
    """Remove the index of documents that the tests of this process shared."""
    yield
    for path in scripted.INDEX.parent.glob(f"{scripted.INDEX.name}*"):
        path.unlink()
