"""What a cluster remembers: events, ends of containers, revisions of workloads."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from procedures.environment import TargetAddress
from procedures.targets.changes import Change
from procedures.targets.kubernetes.connection import Connection
from procedures.targets.kubernetes.ends import ends_of
from procedures.targets.kubernetes.errors import StatusError, forbidden
from procedures.targets.kubernetes.fields import Json, name_of
from procedures.targets.kubernetes.happenings import change_of, subject_of
from procedures.targets.kubernetes.history import rollouts
from procedures.targets.kubernetes.looking import EVENTS, PODS
from procedures.targets.kubernetes.revisions import revisions_of

_APPS = "/apis/apps/v1/namespaces/{namespace}/"
_WORKLOADS = ("deployments", "statefulsets", "daemonsets")
_KEEPERS = ("replicasets", "controllerrevisions")


class Past:
    """Reads what happened in a namespace.

    Attributes:
        selected: Parameters that leave out what the settings do not select.
        fault: Why events are not known; empty while they are.
    """

    def __init__(self, connection: Connection, address: TargetAddress) -> None:
        self.selected = [("labelSelector", address.selector)] if address.selector else []
        self.fault = ""
        self._connection = connection
        self._source = address.name
        self._names: frozenset[str] = frozenset()

    async def changes(self, since: datetime) -> Sequence[Change]:
        """Return what happened since, the oldest first; events that are forbidden are left out."""
        events, pods, keepers, *_ = await asyncio.gather(
            self._listed(EVENTS, []),
            self._listed(PODS, self.selected),
            self._kept(),
            self.learn_names(),
        )
        self.fault = ""
        if isinstance(events, StatusError):
            self.fault = forbidden(events, self._connection.who)
        if isinstance(events, StatusError) and isinstance(pods, StatusError):
            raise self._connection.refused(events)
        found = rollouts(revisions_of(keepers), self._source, since)
        for event in [] if isinstance(events, StatusError) else events:
            found += self.of_event(event)
        for pod in [] if isinstance(pods, StatusError) else pods:
            found += self.of_pod(pod)
        recent = dict.fromkeys(each for each in found if each.at >= since)
        return sorted(recent, key=lambda each: each.at)

    async def learn_names(self) -> None:
        """Learn which workloads are selected: events have no labels to select by."""
        if not self.selected:
            return
        listed = await asyncio.gather(
            *(self._listed(_APPS + each, self.selected) for each in _WORKLOADS),
            self._listed(PODS, self.selected),
        )
        self._names = frozenset(
            name_of(thing) for each in listed if isinstance(each, list) for thing in each
        )

    def of_event(self, event: Json) -> list[Change]:
        """Return the change that an event tells of; none if it is about what is not selected."""
        if self.selected and not self._is_selected(subject_of(event)):
            return []
        change = change_of(event, self._source)
        return [] if change is None else [change]

    def of_pod(self, pod: Json) -> list[Change]:
        """Return the changes that a pod's status tells of."""
        return ends_of(pod, self._source)

    def _is_selected(self, subject: str) -> bool:
        """Tell whether it is a selected workload, or is named after one as its pods are."""
        return any(subject == each or subject.startswith(f"{each}-") for each in self._names)

    async def _kept(self) -> list[Json]:
        listed = await asyncio.gather(
            *(self._listed(_APPS + each, self.selected) for each in _KEEPERS)
        )
        return [thing for each in listed if isinstance(each, list) for thing in each]

    async def _listed(
        self, path: str, selected: Sequence[tuple[str, str]]
    ) -> list[Json] | StatusError:
        try:
            return (await self._connection.every(path, selected))[0]
        except StatusError as error:
            return error
