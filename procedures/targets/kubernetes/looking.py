"""One look at a namespace: all lists at once, each of which may be forbidden or absent."""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType

from procedures.errors import SourceError
from procedures.targets.kubernetes.connection import Connection
from procedures.targets.kubernetes.errors import FORBIDDEN, NOT_FOUND, StatusError, forbidden
from procedures.targets.kubernetes.fields import Json
from procedures.targets.kubernetes.workloads import Lists
from procedures.targets.values import Missing

_SIDE_LIMIT_S = 4.0
"""A metrics server that hangs must not hold up the look at what runs."""
PODS = "/api/v1/namespaces/{namespace}/pods"
EVENTS = "/api/v1/namespaces/{namespace}/events"
NAMESPACE = "/api/v1/namespaces/{namespace}"
METRICS = "/apis/metrics.k8s.io/v1beta1/namespaces/{namespace}/pods"
_APPS = "/apis/apps/v1/namespaces/{namespace}/"
_CONTROLLERS: Mapping[str, str] = MappingProxyType(
    {"Deployment": "deployments", "StatefulSet": "statefulsets", "DaemonSet": "daemonsets"}
)
_SCALERS = "/apis/autoscaling/{version}/namespaces/{namespace}/horizontalpodautoscalers"
_BUDGETS = "/apis/policy/{version}/namespaces/{namespace}/poddisruptionbudgets"
_SCALER_VERSIONS = ("v2", "v2beta2", "v1")
_BUDGET_VERSIONS = ("v1", "v1beta1")
_ABSENT = MappingProxyType(
    {
        "resource use": "the cluster has no metrics server",
        "autoscalers": "the cluster has no autoscaling",
        "disruption budgets": "the cluster has no disruption budgets",
    }
)


class Looker:
    """Reads what a namespace holds, and remembers which versions of an API the server has."""

    def __init__(self, connection: Connection, selector: str) -> None:
        self._connection = connection
        self._selected = [("labelSelector", selector)] if selector else []
        self._versions: dict[str, str] = {}

    async def look(self) -> tuple[Lists, tuple[Missing, ...]]:
        """Return all lists, and those that could not be had."""
        missing: list[Missing] = []
        # Alone: a server that is gone, or refuses us, is met by one question and not by eight.
        pods = await self._main("pods", PODS, missing)
        try:
            async with asyncio.TaskGroup() as group:
                controllers = {
                    kind: group.create_task(self._main(plural, _APPS + plural, missing))
                    for kind, plural in _CONTROLLERS.items()
                }
                keepers = [
                    group.create_task(self._main(plural, _APPS + plural, missing))
                    for plural in ("replicasets", "controllerrevisions")
                ]
                sides = [
                    group.create_task(self._metrics(missing)),
                    group.create_task(
                        self._versioned("autoscalers", _SCALERS, _SCALER_VERSIONS, missing)
                    ),
                    group.create_task(
                        self._versioned("disruption budgets", _BUDGETS, _BUDGET_VERSIONS, missing)
                    ),
                ]
        except BaseExceptionGroup as group_error:
            raise _first(group_error) from None
        metrics, scalers, budgets = (each.result() or [] for each in sides)
        found = Lists(
            pods=pods or [],
            controllers={kind: each.result() or [] for kind, each in controllers.items()},
            keepers=[thing for each in keepers for thing in each.result() or []],
            autoscalers=scalers,
            budgets=budgets,
            metrics=metrics,
            knows_pods=pods is not None,
        )
        if pods is None and all(each.result() is None for each in controllers.values()):
            raise self._nothing(missing)
        if not found.pods and not any(found.controllers.values()):
            await self._check_namespace()
        return found, tuple(sorted(missing, key=lambda each: each.part))

    async def _main(self, part: str, path: str, missing: list[Missing]) -> list[Json] | None:
        """Return a list of what runs; None, with the reason in ``missing``, if it is not had."""
        try:
            return (await self._connection.every(path, self._selected))[0]
        except StatusError as error:
            missing.append(Missing(part=part, fault=self._fault(part, error)))
            return None

    async def _metrics(self, missing: list[Missing]) -> list[Json] | None:
        return await self._side("resource use", METRICS, missing)

    async def _versioned(
        self, part: str, path: str, versions: tuple[str, ...], missing: list[Missing]
    ) -> list[Json] | None:
        """Return a list that servers have in several versions: in the newest that this one has."""
        known = self._versions.get(part)
        for version in (known,) if known else versions:
            try:
                found = await self._listed(path.replace("{version}", version))
            except StatusError as error:
                if error.code == NOT_FOUND:
                    self._versions.pop(part, None)
                    continue
                missing.append(Missing(part=part, fault=self._fault(part, error)))
                return None
            except SourceError as error:
                missing.append(Missing(part=part, fault=error.what))
                return None
            self._versions[part] = version
            return found
        missing.append(Missing(part=part, fault=_ABSENT[part]))
        return None

    async def _side(self, part: str, path: str, missing: list[Missing]) -> list[Json] | None:
        """Return a list that only adds to what runs: its faults never hide the rest."""
        try:
            return await self._listed(path)
        except StatusError as error:
            fault = _ABSENT[part] if error.code == NOT_FOUND else self._fault(part, error)
        except SourceError as error:
            fault = error.what
        missing.append(Missing(part=part, fault=fault))
        return None

    async def _listed(self, path: str) -> list[Json]:
        return (await self._connection.every(path, time_limit_s=_SIDE_LIMIT_S))[0]

    def _fault(self, part: str, error: StatusError) -> str:
        if error.code == FORBIDDEN:
            return forbidden(error, self._connection.who)
        return f"the API server answered {error.code} for {part}: {error.message}"

    def _nothing(self, missing: list[Missing]) -> SourceError:
        faults = dict.fromkeys(each.fault for each in missing)
        return SourceError(
            f"nothing may be seen of namespace {self._connection.namespace} in context"
            f" {self._connection.context}: {next(iter(faults))}",
            fix="Ask for the role `view` in this namespace, or set `namespace` in the settings",
        )

    async def _check_namespace(self) -> None:
        """Raise SourceError if there is no such namespace: its lists are empty, not absent."""
        try:
            await self._connection.get(NAMESPACE)
        except StatusError as error:
            if error.code == NOT_FOUND:
                raise SourceError(
                    f"there is no namespace {self._connection.namespace} in context"
                    f" {self._connection.context}",
                    fix="Set `namespace` in the settings, or another `context`",
                ) from error


def _first(error: BaseException) -> BaseException:
    """Return the first of the errors that ended a group: a server that is gone fails every part."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
