"""The processes as Docker containers: names, ids, states."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from procedures.sandbox.control_client import Control
from procedures.sandbox.kept import Kept
from procedures.sandbox.shims.observed import Observed, Process
from procedures.sandbox.shims.spans import spoken
from procedures.sandbox.shims.usage import ToolError

APP = "llm-config-manager"
SERVICES: Mapping[str, tuple[str, str, str]] = {
    APP: ("llm-config-manager:latest", "/usr/local/bin/llm-config-server", "8080/tcp, 9090/tcp"),
    "redis": ("redis:7-alpine", "docker-entrypoint.sh redis-server", "6379/tcp"),
    "postgres": ("postgres:16-alpine", "docker-entrypoint.sh postgres", "5432/tcp"),
    "prometheus": ("prom/prometheus:v2.48.0", "/bin/prometheus", "9091->9090/tcp"),
    "grafana": ("grafana/grafana:10.2.2", "/run.sh", "3000->3000/tcp"),
    "alertmanager": ("prom/alertmanager:v0.26.0", "/bin/alertmanager", "9093->9093/tcp"),
    "node-exporter": ("prom/node-exporter:v1.7.0", "/bin/node_exporter", "9100->9100/tcp"),
}
"""Image, command and ports by compose service."""
BESIDE = ("prometheus", "grafana", "alertmanager", "node-exporter")
"""Services that the sandbox names but does not run."""
_CHECKED = (APP, "redis", "postgres")
"""Services with a health check."""


@dataclass(frozen=True, slots=True)
class Container:
    """One container of the compose project."""

    process: Process
    now: float
    created_at: float = 0.0

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
        return SERVICES[self.service][0]

    @property
    def command(self) -> str:
        """What runs in it."""
        return SERVICES[self.service][1]

    @property
    def ports(self) -> str:
        """Exposed ports; none while it is down."""
        return SERVICES[self.service][2] if self.process.running else ""

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
        """``healthy``, ``starting`` or ``unhealthy``; empty without a health check."""
        if self.service not in _CHECKED:
            return ""
        words = {"ready": "healthy", "starting": "starting", "stopping": "healthy"}
        return words.get(self.process.phase, "unhealthy")

    @property
    def status(self) -> str:
        """The STATUS column."""
        process = self.process
        if not process.running:
            return f"Exited ({self.exit_code}) {spoken(self.now - process.ended_at)} ago"
        health = "health: starting" if self.health == "starting" else self.health
        return f"Up {spoken(self.now - process.started_at)}" + (f" ({health})" if health else "")


def containers(seen: Observed, control: Control) -> list[Container]:
    """Return the containers of the project; those scaled away or taken down are gone."""
    kept = Kept(control.state.kept).under("docker")
    beside = [_beside(seen, name, kept) for name in BESIDE]
    created_at = seen.revisions[0][1]
    found = [
        Container(p, seen.now, created_at) for p in (*seen.members, *seen.dependencies, *beside)
    ]
    removed = kept.get("removed", [])
    return [each for each in found if each.service not in removed]


def _beside(seen: Observed, name: str, kept: Mapping[str, object]) -> Process:
    """Return the process of a service that is only named."""
    began = seen.revisions[0][1]
    phase = "stopped" if kept.get(f"stopped.{name}") else "ready"
    return Process(name=name, phase=phase, generation=1, started_at=began, ended_at=seen.now)


def find(seen: Observed, control: Control, text: str) -> Container:
    """Return the container with that name or the beginning of that id."""
    found = containers(seen, control)
    for container in found:
        if container.name == text or (len(text) >= 4 and container.id.startswith(text)):
            return container
    if text == APP and found and found[0].service == APP:
        return found[0]
    raise ToolError(f"Error response from daemon: No such container: {text}")
