"""How the service tells in its logs and events what happens to it."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from procedures.sandbox.chance import poisson
from procedures.sandbox.journal import Journal
from procedures.sandbox.lifecycle import Phase

if TYPE_CHECKING:
    from procedures.sandbox.service import Service

_REQUEST_LINES_PER_S = 0.1
_COMPLAINTS_PER_S = 0.1
_PHASES = {
    Phase.READY: ("INFO", "Server is ready to accept connections", "Normal", "Ready"),
    Phase.STARTING: ("INFO", "Starting {name}", "Normal", "Started"),
    Phase.STOPPING: ("INFO", "Received shutdown signal", "Normal", "Killing"),
    Phase.STOPPED: ("INFO", "Shutdown complete", "Normal", "Stopped"),
    Phase.CRASHED: (
        "ERROR",
        "worker panicked, process exits with status 134",
        "Warning",
        "BackOff",
    ),
    Phase.HUNG: ("ERROR", "no longer answers", "Warning", "Unhealthy"),
}
_SERVER = "llm_config_server"


def phase_entered(
    journal: Journal, at: float, name: str, phase: Phase, *, generation: int = 1, revision: int = 0
) -> None:
    """Tell that the process ``name`` entered a phase."""
    level, text, kind, reason = _PHASES[phase]
    text = text.format(name=name)
    target = _SERVER if name.startswith("llm") else name
    journal.log(at, name, level, target, text)
    journal.happened(at, name, kind, reason, text, generation=generation, revision=revision)


def stretch_passed(service: Service, seconds: float, rng: Random) -> None:
    """Tell of some of the requests and of every complaint of the last ``seconds``."""
    ready = service.fleet.ready
    if not ready:
        return
    for _ in range(poisson(rng, seconds * _REQUEST_LINES_PER_S)):
        replica = rng.choice(ready)
        took_ms = round(rng.lognormvariate(2.1, 0.6))
        text = f"request completed method=GET status=200 took_ms={took_ms}"
        at = service.now - rng.random() * seconds
        service.journal.log(at, replica.name, "INFO", f"{_SERVER}::api", text)
    complaints = _complaints(service)
    for _ in range(poisson(rng, seconds * _COMPLAINTS_PER_S) if complaints else 0):
        target, text = rng.choice(complaints)
        at = service.now - rng.random() * seconds
        service.journal.log(at, rng.choice(ready).name, "ERROR", f"{_SERVER}::{target}", text)


def _complaints(service: Service) -> list[tuple[str, str]]:
    complaints = [
        ("cluster", f"peer {replica.name} does not answer: connection refused")
        for replica in service.fleet.crashed()
    ]
    if not service.cache.process.ready:
        complaints.append(("cache", "redis does not answer, reading from the database"))
    if not service.database.ready:
        complaints.append(("storage", "database unavailable: connection refused"))
    if any(replica.pool_stuck for replica in service.fleet.ready):
        complaints.append(("storage", "timed out after 450ms waiting for a pooled connection"))
    return complaints
