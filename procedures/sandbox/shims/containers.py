"""The processes as Docker containers: names, ids, states."""

import hashlib
from dataclasses import dataclass

from procedures.sandbox.shims.observed import Observed, Process
from procedures.sandbox.shims.spans import spoken
from procedures.sandbox.shims.usage import ToolError

APP = "llm-config-manager"
_SERVICES = {
    APP: ("llm-config-manager:latest", "/usr/local/bin/llm-config-server", "8080/tcp, 9090/tcp"),
    "redis": ("redis:7-alpine", "docker-entrypoint.sh redis-server", "6379/tcp"),
    "postgres": ("postgres:16-alpine", "docker-entrypoint.sh postgres", "5432/tcp"),
}


@dataclass(frozen=True, slots=True)
class Container:
    """One container of the compose project."""

    process: Process
    now: float

    @property
    def service(self) -> str:
        """Compose service."""
        return APP if self.process.ordinal else self.process.name

    @property
    def name(self) -> str:
        """Container name."""
        return self.process.name if self.process.ordinal else f"llm-config-{self.process.name}"

    @property
    def id(self) -> str:
        """Full id, 64 digits; restarts keep it."""
        return hashlib.sha256(self.name.encode()).hexdigest()

    @property
    def image(self) -> str:
        """Image with its tag."""
        return _SERVICES[self.service][0]

    @property
    def command(self) -> str:
        """What runs in it."""
        return _SERVICES[self.service][1]

    @property
    def ports(self) -> str:
        """Exposed ports; none while it is down."""
        return _SERVICES[self.service][2] if self.process.running else ""

    @property
    def state(self) -> str:
        """``running`` or ``exited``."""
        return "running" if self.process.running else "exited"

    @property
    def exit_code(self) -> int:
        """0, or 134 after a crash."""
        return 134 if self.process.phase == "crashed" else 0

    @property
    def health(self) -> str:
        """``healthy``, ``starting`` or ``unhealthy``, as the health check of Docker says it."""
        words = {"ready": "healthy", "starting": "starting", "stopping": "healthy"}
        return words.get(self.process.phase, "unhealthy")

    @property
    def status(self) -> str:
        """The STATUS column."""
        process = self.process
        if not process.running:
            return f"Exited ({self.exit_code}) {spoken(self.now - process.ended_at)} ago"
        health = "health: starting" if self.health == "starting" else self.health
        return f"Up {spoken(self.now - process.started_at)} ({health})"


def containers(seen: Observed) -> list[Container]:
    """Return the containers of the project; those scaled away are gone."""
    return [Container(process, seen.now) for process in (*seen.members, *seen.dependencies)]


def find(seen: Observed, text: str) -> Container:
    """Return the container with that name or the beginning of that id."""
    for container in containers(seen):
        if container.name == text or (len(text) >= 4 and container.id.startswith(text)):
            return container
    raise ToolError(f"Error response from daemon: No such container: {text}")
