"""The objects of the cluster with their versions, and what has changed of them."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from procedures.sandbox.control_client import Control
from procedures.sandbox.doors.kube_resources import MEASURED, RESOURCES, Resource
from procedures.sandbox.doors.looking import Looking
from procedures.sandbox.journal import Happening
from procedures.sandbox.kept import Kept
from procedures.sandbox.shims import kube_cluster
from procedures.sandbox.shims.kube_events import event
from procedures.sandbox.shims.kube_made import time_text
from procedures.sandbox.shims.kube_names import NAMESPACE, pods, uid
from procedures.sandbox.shims.kube_objects import deployment, pod
from procedures.sandbox.shims.observed import Observed

Object = dict[str, Any]
_FIRST_VERSION = 1_000
_KEPT_CHANGES = 2_000
_KEPT_EVENTS = 500
_MADE = {each.made: each for each in RESOURCES if each.made not in MEASURED | {"event"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What became of one object: None before it was made, and after it was deleted."""

    version: int
    made: str
    before: Object | None
    after: Object | None


class Store:
    """One counter of versions for everything, as etcd has it.

    Attributes:
        version: The newest.
        oldest: The oldest after which all changes are still known.
    """

    def __init__(self, looking: Looking, kept_changes: int = _KEPT_CHANGES) -> None:
        self._looking = looking
        self.version = self.oldest = _FIRST_VERSION
        self._objects: dict[str, dict[str, Object]] = {made: {} for made in (*_MADE, "event")}
        self._built: dict[str, dict[str, Object]] = {made: {} for made in _MADE}
        self._changes: deque[Change] = deque()
        self._kept_changes = kept_changes
        self._told = 0
        self._basis: object = None
        self._lock = asyncio.Lock()

    async def refresh(self) -> None:
        """Bring the objects to the present."""
        async with self._lock:
            seen = self._looking.observe()
            basis = (seen.change, _modified(self._looking.control))
            if basis == self._basis:
                return
            first = self._basis is None
            told, self._told = self._looking.happenings(self._told), self._looking.told
            built = await asyncio.to_thread(_everything, seen, self._looking.control)
            for made, found in built.items():
                self._take(made, found)
            self._tell(told, seen)
            if first:
                self._changes.clear()  # nobody can have seen anything before
                self.oldest = self.version
            self._basis = basis

    def all(self, made: str) -> list[Object]:
        """Return all objects of a kind in the order of their names."""
        return [each for _, each in sorted(self._objects[made].items())]

    def after(self, version: int, made: str) -> list[Change]:
        """Return the changes of a kind after ``version``, the oldest first."""
        return [each for each in self._changes if each.version > version and each.made == made]

    def _take(self, made: str, found: dict[str, Object]) -> None:
        built = self._built[made]
        for name in built.keys() - found.keys():
            self._change(made, name, None)
        for name, each in found.items():
            if built.get(name) != each:
                self._change(made, name, each)
        self._built[made] = found

    def _tell(self, told: Iterable[Happening], seen: Observed) -> None:
        known = self._objects["event"]
        for happening in told:
            if (found := event(asdict(happening), seen)) is not None:
                self._change("event", found["metadata"]["name"], found)
        while len(known) > _KEPT_EVENTS:
            self._change("event", next(iter(known)), None)

    def _change(self, made: str, name: str, after: Object | None) -> None:
        self.version += 1
        objects = self._objects[made]
        version = {"resourceVersion": str(self.version)}
        before = objects.get(name)
        if after is None:
            assert before is not None  # noqa: S101 - only what is there can go
            del objects[name]
            before = {**before, "metadata": {**before["metadata"], **version}}
        else:
            after = {**after, "metadata": {**after["metadata"], **version}}
            objects[name] = after
        self._changes.append(Change(version=self.version, made=made, before=before, after=after))
        while len(self._changes) > self._kept_changes:
            self.oldest = self._changes.popleft().version


def _modified(control: Control) -> int:
    try:
        return control.state.kept.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _everything(seen: Observed, control: Control) -> dict[str, dict[str, Object]]:
    return {
        made: {
            each["metadata"]["name"]: _whole(resource, each, seen)
            for each in _maker(made)(seen, control)
        }
        for made, resource in _MADE.items()
    }


def _maker(made: str) -> Callable[[Observed, Control], list[Object]]:
    if made == "pod":
        return _pods
    if made == "deployment":
        return lambda seen, control: [deployment(seen, control)]
    if not kube_cluster.known(made):
        return lambda _, __: []
    return lambda seen, control: kube_cluster.objects(made, seen, control)


def _pods(seen: Observed, control: Control) -> list[Object]:
    applied = Kept(control.state.kept).under("applied").values()
    return [
        *(pod(seen, process, control) for process in pods(seen)),
        *(each for each in applied if each["kind"] == "pod"),
    ]


def _whole(resource: Resource, each: Object, seen: Observed) -> Object:
    """Return an object with what the server adds, and without what stands in its list."""
    given = {name: value for name, value in each["metadata"].items() if value != {}}
    name = given["name"]
    metadata = {
        "uid": uid(resource.kind, name),
        "creationTimestamp": time_text(seen.revisions[0][1]),
        "namespace": NAMESPACE,
        **given,
    }
    if not resource.namespaced:
        del metadata["namespace"]
    parts = {k: v for k, v in each.items() if k not in {"kind", "apiVersion", "metadata"}}
    return {"metadata": metadata, **parts}
