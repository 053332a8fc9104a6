"""A compose project on a real engine, for the tests of the target."""

import asyncio
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from procedures.clock import SystemClock
from procedures.environment import Method, TargetAddress
from procedures.targets.docker.target import DockerTarget
from procedures.targets.target import Target
from procedures.targets.values import Kind
from tests.docker_engine import DockerEngine, wait_until
from tests.docker_images import POSTGRES, REDIS, SERVICE

NAME = "llm-config-manager"
COMPOSE = f"""\
version: "2.4"
services:
  {NAME}:
    image: {SERVICE}:1.0
    restart: always
    stop_grace_period: 2s
    mem_limit: 64m
  postgres:
    image: {POSTGRES}:1.0
    stop_signal: SIGINT
    stop_grace_period: 3s
  redis:
    image: {REDIS}:1.0
    stop_grace_period: 2s
"""


_SOON_S, _LATE_S = 8.0, 30.0


class DockerStand:
    """Two containers of the service, a database and a cache."""

    kind = Kind.COMPOSE_SERVICE
    scales = True
    rolls_back = False
    file = "/etc/passwd"

    def __init__(self, engine: DockerEngine, project: str, directory: Path) -> None:
        self.engine = engine
        self.project = project
        self.directory = directory
        self.variables: Mapping[str, str] = engine.variables
        self.target: Target = self.made()

    def made(self, **address: object) -> DockerTarget:
        """Return a target of its own."""
        known = {"project": self.project, **address}
        return DockerTarget(
            TargetAddress(name="stack", method=Method.DOCKER, **known),  # type: ignore[arg-type]
            variables=self.variables,
            clock=SystemClock(),
            time_limit_s=3.0,
        )

    def name(self, number: int = 1) -> str:
        """Return the name of a container of the service."""
        return f"{self.project}_{NAME}_{number}"

    async def order(self, words: str, number: int = 1, *, waits: bool = True) -> None:
        """Let a container of the service do something; see its image.

        What ends the container may end the one that brings the order, too: nobody waits for that.
        """
        script = f"echo {shlex.quote(words)} > /run/orders"
        detached = () if waits else ("--detach",)
        shell = (self.name(number), "sh", "-c", script)
        await asyncio.to_thread(self.engine.docker, "exec", *detached, *shell)

    async def write(self, text: str) -> None:
        await self.order(f"say {text}")

    async def crash(self) -> None:
        await self.order("exit 3", waits=False)

    async def break_off(self) -> None:
        await asyncio.to_thread(self.engine.stop)

    async def mend(self) -> None:
        await asyncio.to_thread(self.engine.start)

    async def settle(self) -> None:
        """Wait until all of it is healthy.

        An engine that was stopped and started looks no more after the health of what it found
        running: those containers are restarted.
        """
        await asyncio.to_thread(self._settle)

    def _settle(self) -> None:
        for name in self.names:
            if not self._becomes_healthy(name, _SOON_S):
                self.engine.docker("restart", name)
                assert self._becomes_healthy(name, _LATE_S), f"{name} does not become healthy"

    def _becomes_healthy(self, name: str, within_s: float) -> bool:
        try:
            wait_until(
                self.engine,
                *("inspect", "-f", "{{.State.Health.Status}}", name),
                shows="healthy",
                seconds=within_s,
            )
        except AssertionError:
            return False
        shown = self.engine.docker("inspect", "-f", "{{.State.Health.Status}}", name)
        return shown.strip() == "healthy"

    @property
    def names(self) -> tuple[str, ...]:
        """The containers that there are in the beginning."""
        others = (f"{self.project}_{service}_1" for service in ("redis", "postgres"))
        return (self.name(1), self.name(2), *others)

    def compose(self, *words: str) -> str:
        """Run compose on the project, as an operator in its directory would."""
        argv = ("docker-compose", "-p", self.project, *words)
        return self.engine.run(*argv, cwd=self.directory)


@contextmanager
def running_stand(engine: DockerEngine, directory: Path) -> Iterator[DockerStand]:
    """Yield a project that serves; it is taken down afterwards."""
    (directory / "docker-compose.yml").write_text(COMPOSE)
    stand = DockerStand(engine, "stand", directory)
    stand.compose("up", "-d", "--scale", f"{NAME}=2")
    for name in (stand.name(1), stand.name(2), "stand_redis_1", "stand_postgres_1"):
        wait_until(engine, "inspect", "-f", "{{.State.Health.Status}}", name, shows="healthy")
    try:
        yield stand
    finally:
        stand.compose("down", "--volumes", "--timeout", "2")
