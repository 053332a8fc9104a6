"""A namespace of a Kubernetes cluster as a target."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime

import aiohttp

from procedures.clock import Clock
from procedures.environment import Method, TargetAddress
from procedures.errors import SourceError
from procedures.targets.actions import Action, Refusal, Verb
from procedures.targets.changes import Change
from procedures.targets.kubernetes import inside
from procedures.targets.kubernetes.actions import Known, action_for
from procedures.targets.kubernetes.connection import PAGE, TIME_LIMIT_S, Connection
from procedures.targets.kubernetes.errors import FAULTS, NOT_FOUND, StatusError, unreachable
from procedures.targets.kubernetes.fields import Json, text
from procedures.targets.kubernetes.logs import LogCutter, parameters_of
from procedures.targets.kubernetes.looking import EVENTS, METRICS, PODS, Looker
from procedures.targets.kubernetes.measured import use_of
from procedures.targets.kubernetes.news import Watcher, merged
from procedures.targets.kubernetes.past import Past
from procedures.targets.kubernetes.pods import limited, main_container
from procedures.targets.kubernetes.revisions import Owner
from procedures.targets.kubernetes.workloads import known_of, workloads_of
from procedures.targets.log_lines import LogLine
from procedures.targets.target import Answer, LogQuery
from procedures.targets.values import NO_USE, Holdings, Missing, Place, Unit, Use, Workload

_POD = "/api/v1/namespaces/{namespace}/pods/{name}"
EXEC_LIMIT_S = 15.0
_CHUNK = 65_536


class KubernetesTarget:
    """The workloads of one namespace.

    Source: the API server that the kubeconfig names, asked as ``kubectl`` would ask it. What
    changes something is a command line for ``kubectl``.
    """

    def __init__(
        self,
        address: TargetAddress,
        *,
        variables: Mapping[str, str],
        clock: Clock,
        time_limit_s: float = TIME_LIMIT_S,
        page: int = PAGE,
    ) -> None:
        self._address = address
        self._clock = clock
        self._exec_limit_s = min(EXEC_LIMIT_S, 1.5 * time_limit_s)
        self._connection = Connection(
            address, variables, clock, time_limit_s=time_limit_s, page=page
        )
        self._looker = Looker(self._connection, address.selector)
        self._past = Past(self._connection, address)
        self._known: Mapping[Owner, Known] = {}
        self._containers: dict[str, str] = {}
        """The main container of each pod, by the pod's identity."""

    @property
    def place(self) -> Place:
        """Which deployment it is; a context that the settings do not name is known after a look."""
        if self._connection.is_within:
            context = "this cluster"
        else:
            context = f"context {self._connection.context or 'that is current'}"
        return Place(
            name=self._address.name,
            method=Method.KUBERNETES,
            where=f"{context} · namespace {self._connection.namespace}",
            service=self._address.service,
        )

    async def look(self) -> Holdings:
        """Return all that runs, as it is now."""
        lists, missing = await self._looker.look()
        # Thousands of pods take a while, and the screen must not stand still.
        workloads = await asyncio.to_thread(workloads_of, lists, self._address.service)
        self._known = known_of(lists)
        owners = {unit.id: unit.workload for each in workloads for unit in each.units}
        self._containers = {
            uid: main_container(pod, owners[uid])
            for pod in lists.pods
            if (uid := text(pod, "metadata", "uid")) in owners
        }
        found = list(missing)
        if self._past.fault:
            found.append(Missing(part="events", fault=self._past.fault))
        if not workloads or workloads[0].name != self._address.service:
            found.append(Missing(part=self._address.service, fault=self._no_service()))
        return Holdings(at=self._clock.now(), workloads=workloads, missing=tuple(found))

    async def log(self, unit: Unit, query: LogQuery) -> AsyncGenerator[Sequence[LogLine], None]:
        """Yield batches of log lines of a pod's main container, the oldest first."""
        container = await self._container_of(unit)
        cutter = LogCutter(unit.name, query.since)
        try:
            async with self._connection.stream(
                f"{_POD}/log", parameters_of(query, container), name=unit.name
            ) as stream:
                async for chunk in stream.iter_chunked(_CHUNK):
                    if lines := cutter.feed(chunk):
                        yield lines
                    # What has come already is read without a pause: others must have their turn.
                    await asyncio.sleep(0)
        except StatusError as error:
            raise self._no_log(unit, error) from error
        except SourceError:
            if not query.follow or not cutter.has_begun:
                raise
            # What was followed broke off: the end of the batches says so.
        if lines := cutter.close():
            yield lines

    async def changes(self, since: datetime) -> Sequence[Change]:
        """Return what the cluster remembers: events for an hour, mostly, and revisions for long."""
        return await self._past.changes(since)

    async def news(self) -> AsyncGenerator[Change, None]:
        """Yield what happens from now on."""
        # The cluster writes times without fractions of a second.
        since = self._clock.now().replace(microsecond=0)
        selected = self._past.selected
        await self._past.learn_names()
        watchers = [
            Watcher(self._connection, EVENTS, (), self._past.of_event, since),
            Watcher(self._connection, PODS, selected, self._past.of_pod, since),
        ]
        async with aclosing(merged(watchers)) as news:
            async for change in news:
                yield change

    def action(
        self, verb: Verb, workload: Workload, *, replicas: int | None = None
    ) -> Action | Refusal:
        """Return how ``kubectl`` does something to a workload, or why that cannot be done."""
        context = self._connection.context
        if not context and not self._connection.is_within:
            return Refusal(
                verb=verb,
                why="the context is not known before the first answer of the cluster",
                fix="Wait for it, or set `context` in the settings",
            )
        given = self._address.kubeconfig
        kubectl = (
            "kubectl",
            *(("--kubeconfig", str(given.expanduser())) if given else ()),
            *(("--context", context) if context else ()),
            *("-n", self._connection.namespace),
        )
        known = self._known.get((workload.kind, workload.name), Known())
        return action_for(verb, workload, kubectl=kubectl, known=known, replicas=replicas)

    async def inside(self, unit: Unit, argv: Sequence[str]) -> Answer:
        """Run a program in a pod's main container, without a shell, and return what it says."""
        container = await self._container_of(unit)
        async with self._connection.session() as session:
            try:
                return await inside.run(session, unit.name, container, argv, self._exec_limit_s)
            except aiohttp.WSServerHandshakeError as error:
                raise SourceError(
                    f"no program may be run in {unit.name}: the API server answered {error.status}",
                    fix=f"Try `kubectl --context {session.access.context} -n"
                    f" {session.access.namespace} exec {unit.name} -- true`",
                ) from error
            except TimeoutError as error:
                raise SourceError(
                    f"{argv[0]} in {unit.name} did not end within {self._exec_limit_s:g} s",
                    fix="Look at the pod by hand: what it reads may hang",
                ) from error
            except FAULTS as error:
                raise unreachable(error, session.access, self._clock.now()) from error

    async def use(self, unit: Unit) -> Use:
        """Return what one pod uses, as the metrics server measured it last."""
        try:
            measured = await self._connection.get(f"{METRICS}/{{name}}", name=unit.name)
            pod = await self._connection.get(_POD, name=unit.name)
        except StatusError as error:
            if error.code == NOT_FOUND:
                return NO_USE
            raise self._connection.refused(error) from error
        return limited(use_of(measured), pod)

    async def aclose(self) -> None:
        """Release connections."""
        await self._connection.aclose()

    async def _container_of(self, unit: Unit) -> str:
        """Return the main container of a pod, also of one that no look has shown yet."""
        known = self._containers.get(unit.id)
        if known is not None:
            return known
        try:
            pod: Json = await self._connection.get(_POD, name=unit.name)
        except StatusError as error:
            raise self._no_log(unit, error) from error
        return main_container(pod, unit.workload)

    def _no_log(self, unit: Unit, error: StatusError) -> SourceError:
        if error.code == NOT_FOUND:
            return SourceError(
                f"there is no pod {unit.name} any more: {error.message}",
                fix="Look at the pods that took its place",
            )
        return SourceError(
            f"{unit.name} tells nothing: {error.message}",
            fix=f"Look at `kubectl -n {self._connection.namespace} describe pod {unit.name}`",
        )

    def _no_service(self) -> str:
        return f"there is no workload of that name in namespace {self._connection.namespace}" + (
            f" with {self._address.selector}" if self._address.selector else ""
        )
