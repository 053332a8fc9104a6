"""What the engine tells of containers becomes changes; pure."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from procedures.reference.states import State
from procedures.targets.changes import Change, ChangeKind
from procedures.targets.docker.units import NUMBER, ONE_OFF, SERVICE

Json = Mapping[str, Any]

ACTIONS = ("create", "destroy", "die", "health_status", "kill", "oom", "pause", "restart",
           "start", "stop", "unpause", "rename", "update")  # fmt: skip
"""What is asked for: health checks would fill the rest with the commands that they run."""
_WORDS = {
    "create": (ChangeKind.OTHER, "created", State.OK),
    "destroy": (ChangeKind.OTHER, "removed", State.OK),
    "pause": (ChangeKind.STOPPED, "paused", State.WARNING),
    "unpause": (ChangeKind.STARTED, "goes on", State.OK),
    "start": (ChangeKind.STARTED, "started", State.OK),
    "stop": (ChangeKind.STOPPED, "stopped", State.OK),
    "oom": (ChangeKind.OUT_OF_MEMORY, "a process was killed for want of memory", State.CRITICAL),
    "update": (ChangeKind.OTHER, "its limits were changed", State.OK),
}


class Teller:
    """Tells changes from events, which must come in order; it remembers what is needed of them.

    Args:
        source: Name of the target.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._images: dict[str, str] = {}
        """Image of each container that is known, by service and number."""
        self._asked: dict[str, int] = {}
        """When somebody asked a container to end, by id."""

    def tell(self, event: Json) -> Iterator[Change]:
        """Yield what an event says; some say nothing of their own."""
        actor = event.get("Actor") or {}
        attributes = actor.get("Attributes") or {}
        if attributes.get(ONE_OFF) == "True":
            return
        container, name = str(actor.get("ID", "")), str(attributes.get("name", ""))
        at = _time(event)
        action, _, detail = str(event.get("Action", "")).partition(": ")
        if action == "kill":
            self._asked[container] = int(event.get("time") or 0)
            return
        if action == "health_status":
            state = State.OK if detail == "healthy" else State.WARNING
            yield self._change(at, ChangeKind.HEALTH, name, detail, state)
        elif action == "die":
            yield from self._died(container, name, at, attributes)
        elif action == "restart":
            yield self._change(at, ChangeKind.STARTED, name, "restarted", State.OK)
        elif action == "create":
            yield from self._created(name, at, attributes)
        elif action in _WORDS:
            kind, text, state = _WORDS[action]
            yield self._change(at, kind, name, text, state)

    def _died(
        self, container: str, name: str, at: datetime, attributes: Mapping[str, str]
    ) -> Iterator[Change]:
        """Yield how a container ended, unless somebody asked it to: they are told of that."""
        code = attributes.get("exitCode", "")
        if self._asked.pop(container, None) is not None:
            return
        if code in {"", "0"}:
            yield self._change(at, ChangeKind.STOPPED, name, "ended by itself", State.WARNING)
        else:
            text = f"ended with exit status {code}"
            yield self._change(at, ChangeKind.FAILED, name, text, State.CRITICAL)

    def _created(self, name: str, at: datetime, attributes: Mapping[str, str]) -> Iterator[Change]:
        kind, text, state = _WORDS["create"]
        yield self._change(at, kind, name, text, state)
        service = attributes.get(SERVICE, "")
        place, image = f"{service} {attributes.get(NUMBER, '')}", attributes.get("image", "")
        before = self._images.get(place)
        self._images[place] = image
        if before is not None and before != image:
            text = f"{before} → {image}"
            yield self._change(at, ChangeKind.IMAGE, service or name, text, State.OK)

    def learn(self, service: str, number: str, image: str) -> None:
        """Remember which image a container runs."""
        self._images.setdefault(f"{service} {number}", image)

    def _change(
        self, at: datetime, kind: ChangeKind, subject: str, text: str, state: State
    ) -> Change:
        return Change(
            at=at, kind=kind, subject=subject, text=text, state=state, source=self._source
        )


def _time(event: Json) -> datetime:
    nanoseconds = event.get("timeNano") or int(event.get("time") or 0) * 1_000_000_000
    return datetime.fromtimestamp(int(nanoseconds) / 1e9, UTC)
