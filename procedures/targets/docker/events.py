"""What the engine tells of containers becomes changes; pure."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from procedures.reference.states import State
from procedures.targets.changes import Change, ChangeKind
from procedures.targets.docker.ends import End
from procedures.targets.docker.units import IMAGE, NUMBER, ONE_OFF, SERVICE, short

Json = Mapping[str, Any]

ACTIONS = ("create", "destroy", "die", "health_status", "kill", "oom", "pause", "restart",
           "start", "stop", "unpause", "update")  # fmt: skip
"""What is asked for: health checks would fill the rest with the commands that they run."""
_PLAIN = {
    "pause": (ChangeKind.STOPPED, "paused", State.WARNING),
    "unpause": (ChangeKind.STARTED, "goes on", State.OK),
    "update": (ChangeKind.CONFIGURATION, "its limits were changed", State.OK),
    "destroy": (ChangeKind.STOPPED, "removed", State.OK),
}
_MEMORY = "ran out of memory"
_REMOVED = "stopped and removed"
_HARMLESS = frozenset({"1", "10", "12"})
"""Signals that mostly ask for something else than an end: HUP, USR1, USR2."""
_KILL = "9"
_ALIKE = timedelta(minutes=10)
"""Within which the same thing happening again is told as one change."""
HOLD = timedelta(seconds=1)
"""How long a stop is held back, for it may be one half of a restart or of a removal."""


class Teller:
    """Tells changes from events, which must come in order; it remembers what is needed of them.

    Args:
        source: Name of the target.
        image_id: Returns the id of a container's image, as far as it is known; else nothing.
    """

    def __init__(self, source: str, image_id: Callable[[str], str] = lambda _: "") -> None:
        self._source = source
        self._image_id = image_id
        self.ends: dict[str, End] = {}
        """How containers ended that nobody asked to, by id; the engine forgets it at a start."""
        self._images: dict[str, tuple[str, str]] = {}
        self._asked: dict[str, str] = {}
        """With which signal somebody asked a container to end, by id."""
        self._ended: dict[str, str] = {}
        self._out_of_memory: set[str] = set()
        self._ill: set[str] = set()
        self._held: dict[str, Change] = {}
        self._last: dict[tuple[ChangeKind, str, str], Change] = {}

    def learn(self, service: str, number: str, image: str, image_id: str) -> None:
        """Remember which image a container runs, unless an earlier one is known."""
        self._images.setdefault(f"{service} {number}", (image, image_id))

    def tell(self, event: Json) -> list[Change]:
        """Return what is known since this event; some say nothing of their own."""
        actor = event.get("Actor") or {}
        attributes = actor.get("Attributes") or {}
        if attributes.get(ONE_OFF) == "True":
            return []
        at = _time(event)
        told = self.due(at)
        container, name = str(actor.get("ID", "")), str(attributes.get("name", ""))
        action, _, detail = str(event.get("Action", "")).partition(": ")
        if action == "create":
            return told + self._created(container, at, attributes)
        self._see(container, attributes)
        if action == "kill":
            self._asked_to_end(container, str(attributes.get("signal", "")))
            return told
        if action == "die":
            return told + self._died(container, name, at, str(attributes.get("exitCode", "")))
        if action == "health_status":
            return told + self._health(container, name, at, detail)
        return told + self._simple(action, container, name, at)

    def _simple(self, action: str, container: str, name: str, at: datetime) -> list[Change]:
        """Return what events say that carry nothing but their name."""
        match action:
            case "oom":
                self._out_of_memory.add(container)
                return [self._again(at, ChangeKind.OUT_OF_MEMORY, name, _MEMORY)]
            case "stop":
                stopped = self._change(at, ChangeKind.STOPPED, name, "stopped", State.OK)
                self._held[container] = stopped
                return []
            case "start":
                return [self._started(container, name, at)]
            case "destroy" if container in self._held:
                del self._held[container]
                return [self._change(at, ChangeKind.STOPPED, name, _REMOVED, State.OK)]
        if action in _PLAIN:
            kind, text, state = _PLAIN[action]
            return [self._change(at, kind, name, text, state)]
        return []

    def _asked_to_end(self, container: str, signal: str) -> None:
        if signal not in _HARMLESS:
            self._asked.setdefault(container, signal)

    def due(self, now: datetime | None = None) -> list[Change]:
        """Return what was held back long enough; all of it without a time."""
        due = [key for key, each in self._held.items() if now is None or now - each.at >= HOLD]
        return [self._held.pop(key) for key in due]

    @property
    def holds(self) -> bool:
        """Whether anything is held back."""
        return bool(self._held)

    def _see(self, container: str, attributes: Mapping[str, str]) -> None:
        """Learn the image of a container that was there before the first event."""
        if service := attributes.get(SERVICE):
            number, image = attributes.get(NUMBER, ""), attributes.get("image", "")
            self.learn(service, number, image, self._id_of(container, attributes))

    def _id_of(self, container: str, attributes: Mapping[str, str]) -> str:
        return attributes.get(IMAGE, "") or self._image_id(container)

    def _created(self, container: str, at: datetime, attributes: Mapping[str, str]) -> list[Change]:
        service = attributes.get(SERVICE, "")
        place = f"{service} {attributes.get(NUMBER, '')}"
        name, known = attributes.get("image", ""), self._id_of(container, attributes)
        old_name, old_known = self._images.get(place, (name, known))
        self._images[place] = (name, known)
        if old_name != name:
            text = f"{old_name} → {name}"
        elif old_known and known and old_known != known:
            text = f"{name}: {short(old_known)} → {short(known)}"
        else:
            return []
        subject = service or str(attributes.get("name", ""))
        return [self._change(at, ChangeKind.IMAGE, subject, text, State.OK)]

    def _died(self, container: str, name: str, at: datetime, code: str) -> list[Change]:
        asked = self._asked.pop(container, None)
        starved = container in self._out_of_memory
        self._out_of_memory.discard(container)
        self._ill.discard(container)
        if code.isdecimal():
            self.ends[container] = End(int(code), starved)
        if asked is not None and not starved:
            # A stop is told of by an event of its own; a kill is not.
            if asked != _KILL:
                return []
            return [self._change(at, ChangeKind.STOPPED, name, "killed by command", State.WARNING)]
        if starved:
            self._ended[container] = _MEMORY
            return []
        text = "ended by itself" if code in {"", "0"} else f"ended with exit status {code}"
        self._ended[container] = text
        if code in {"", "0"}:
            return [self._change(at, ChangeKind.STOPPED, name, text, State.WARNING)]
        return [self._again(at, ChangeKind.FAILED, name, text)]

    def _started(self, container: str, name: str, at: datetime) -> Change:
        ended = self._ended.pop(container, None)
        self._asked.pop(container, None)
        if ended is not None:
            text = f"{ended} and was started again"
            return self._again(at, ChangeKind.RESTART, name, text)
        again = self._held.pop(container, None) is not None
        text = "stopped and started again" if again else "started"
        return self._change(at, ChangeKind.STARTED, name, text, State.OK)

    def _health(self, container: str, name: str, at: datetime, word: str) -> list[Change]:
        if word == "unhealthy":
            self._ill.add(container)
            return [self._again(at, ChangeKind.HEALTH, name, word)]
        if word != "healthy" or container not in self._ill:
            return []  # each start ends so: it is no news
        self._ill.discard(container)
        return [self._change(at, ChangeKind.HEALTH, name, "healthy again", State.OK)]

    def _again(self, at: datetime, kind: ChangeKind, subject: str, text: str) -> Change:
        """Return trouble; with what was alike shortly before it is one change."""
        serious = kind in {ChangeKind.OUT_OF_MEMORY, ChangeKind.FAILED}
        change = self._change(at, kind, subject, text, State.CRITICAL if serious else State.WARNING)
        key = (kind, subject, text)
        last = self._last.get(key)
        if last is not None and at - last.at <= _ALIKE:
            change = Change(
                at=at, kind=kind, subject=subject, text=text, state=change.state,
                times=last.times + 1, since=last.since or last.at, source=self._source,
            )  # fmt: skip
        self._last[key] = change
        return change

    def _change(
        self, at: datetime, kind: ChangeKind, subject: str, text: str, state: State
    ) -> Change:
        return Change(
            at=at, kind=kind, subject=subject, text=text, state=state, source=self._source
        )


def folded(changes: Iterable[Change]) -> list[Change]:
    """Return changes in order, each that happened several times as often as it did, once."""
    found: dict[tuple[object, ...], Change] = {}
    for each in changes:
        found[(each.kind, each.subject, each.text, each.since or each.at)] = each
    return sorted(found.values(), key=lambda each: each.at)


def nanoseconds_of(event: Json) -> int:
    """Return when an event happened, in nanoseconds of Unix time."""
    return int(event.get("timeNano") or int(event.get("time") or 0) * 1_000_000_000)


def _time(event: Json) -> datetime:
    seconds, rest = divmod(nanoseconds_of(event), 1_000_000_000)
    return datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=rest // 1000)
