"""A compose project of the tests: the service, its cache and its database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.docker_engine import DockerEngine
from tests.docker_images import POSTGRES, REDIS, SERVICE

NAME = "llm-config-manager"
PROJECT = "llm-config"

_COMPOSE = f"""\
version: "2.4"
services:
  {NAME}:
    image: {SERVICE}:1.0
    scale: 2
    restart: always
    stop_grace_period: 2s
    mem_limit: 64m
  redis:
    image: {REDIS}:1.0
    stop_grace_period: 2s
  postgres:
    image: {POSTGRES}:1.0
    stop_signal: SIGINT
    stop_grace_period: 3s
"""


class Project:
    """A compose project in a directory of its own."""

    def __init__(self, engine: DockerEngine, folder: Path, text: str) -> None:
        self.engine = engine
        self.folder = folder
        self.name = folder.name
        folder.mkdir()
        self.file = folder / "docker-compose.yml"
        self.file.write_text(text)

    def compose(self, *words: str) -> str:
        return self.engine.run("docker-compose", *words, cwd=self.folder)


@contextmanager
def running_project(
    engine: DockerEngine, text: str = _COMPOSE, *, name: str = PROJECT
) -> Iterator[Project]:
    """Yield a project that is up, and take it away."""
    project = Project(engine, engine.root / name, text)
    project.compose("up", "-d")
    try:
        yield project
    finally:
        project.compose("down", "--volumes", "--timeout", "1")
