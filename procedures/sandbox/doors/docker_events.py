"""What happens to the sandbox's processes, as the Docker engine's events."""

from collections.abc import Iterable
from typing import Any

from procedures.sandbox.control_client import Control
from procedures.sandbox.journal import Happening
from procedures.sandbox.shims.containers import Container, containers
from procedures.sandbox.shims.docker_details import labels
from procedures.sandbox.shims.observed import Observed

_ACTIONS: dict[str, tuple[tuple[str, dict[str, str]], ...]] = {
    "Killing": (("kill", {"signal": "15"}),),
    "Stopped": (("die", {"exitCode": "0"}), ("stop", {})),
    "BackOff": (("die", {"exitCode": "134"}),),
    "Started": (("start", {}),),
    "Ready": (("health_status: healthy", {}),),
    "Unhealthy": (("health_status: unhealthy", {}),),
}
"""The engine's actions, with what they tell, for each reason of the sandbox's own events."""


def events(told: Iterable[Happening], seen: Observed, control: Control) -> list[dict[str, Any]]:
    """Return the engine's events for the sandbox's own; those of containers that are gone, too."""
    known = {each.process.name: each for each in containers(seen, control)}
    created_at = seen.revisions[0][1]
    for process in seen.replicas:
        known.setdefault(process.name, Container(process, seen.now, created_at))
    return [
        event
        for happening in told
        if happening.about in known
        for event in _events(happening, known[happening.about], control)
    ]


def _events(
    happening: Happening, container: Container, control: Control
) -> Iterable[dict[str, Any]]:
    for action, more in _ACTIONS.get(happening.reason, ()):
        attributes = {
            **labels(control, container),
            **more,
            "image": container.image,
            "name": container.name,
        }
        yield {
            "status": action,
            "id": container.id,
            "from": container.image,
            "Type": "container",
            "Action": action,
            "Actor": {"ID": container.id, "Attributes": attributes},
            "scope": "local",
            "time": int(happening.at),
            "timeNano": int(happening.at * 1e9),
        }
