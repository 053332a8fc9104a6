"""Asks one context of the kubeconfig for deployments like the service's."""

import asyncio
from collections.abc import Mapping

from procedures.clock import Clock
from procedures.environment import Method, TargetAddress
from procedures.errors import SourceError
from procedures.targets.addresses import NAMESPACE
from procedures.targets.detection.clusters import file_of
from procedures.targets.detection.likeness import is_namespace
from procedures.targets.detection.values import Found, Unasked
from procedures.targets.detection.workloads import SELECTORS, deployments_of
from procedures.targets.kubernetes.connection import Connection
from procedures.targets.kubernetes.errors import FORBIDDEN, StatusError, forbidden
from procedures.targets.kubernetes.fields import Json, part, text
from procedures.targets.kubernetes.kubeconfig import Kubeconfig

_EVERYWHERE = "/apis/apps/v1/deployments"


async def look_at_context(
    context: str,
    config: Kubeconfig,
    variables: Mapping[str, str],
    clock: Clock,
    time_limit_s: float,
) -> Found:
    """Return what a context tells; a fault becomes a place that could not be asked.

    Args:
        context: Its name; empty for the cluster that this runs in.
        config: Where it stands.
        variables: Where the kubeconfig is found, and the environment of its plugin.
        clock: What time it is.
        time_limit_s: Seconds for all of it.
    """
    return await _Context(context, config, variables, clock, time_limit_s).look()


class _Context:
    """One context, asked once."""

    def __init__(
        self,
        context: str,
        config: Kubeconfig,
        variables: Mapping[str, str],
        clock: Clock,
        time_limit_s: float,
    ) -> None:
        self._context = context
        self._config = config
        self._limit_s = time_limit_s
        self._place = f"context {context}" if context else "this cluster"
        address = TargetAddress(name="cluster", method=Method.KUBERNETES, context=context)
        # Less than the whole, so that a silent server is told from a plugin that waits.
        self._connection = Connection(address, variables, clock, time_limit_s=0.8 * time_limit_s)
        self._file, self._note = file_of(context, config, variables)
        self._listed: list[Json] = []
        """What was listed before a fault, too: a large cluster may be too slow for all of it."""
        self._asked_by_label = False

    async def look(self) -> Found:
        """Return what looks like the service there."""
        why = ""
        try:
            async with asyncio.timeout(self._limit_s):
                await self._list()
        except StatusError as error:
            why = self._refused(error)
        except SourceError as error:
            why = error.what
        except TimeoutError:
            why = f"no answer within {self._limit_s:g} s{self._plugin()}"
            if self._asked_by_label:
                why = f"it takes more than {self._limit_s:g} s to list all of its deployments"
        finally:
            await self._connection.aclose()
        found = deployments_of(
            self._listed,
            self._context,
            kubeconfig=self._file,
            is_current=self._context == self._config.current,
            note=self._note,
        )
        unasked = (Unasked(place=self._place, why=why),) if why else ()
        return Found(deployments=found, unasked=unasked)

    async def _list(self) -> None:
        try:
            for selector in SELECTORS:
                self._listed += (await self._connection.every(_EVERYWHERE, [selector]))[0]
        except StatusError as error:
            if error.code != FORBIDDEN:
                raise
            await self._list_namespaces(error)
            return
        self._asked_by_label = True
        self._listed += (await self._connection.every(_EVERYWHERE))[0]

    async def _list_namespaces(self, refusal: StatusError) -> None:
        """List the namespaces that the service may be in; StatusError if none may be listed."""
        own = text(self._config.contexts[self._context].value, "namespace") if self._context else ""
        answered = False
        for namespace in dict.fromkeys((NAMESPACE, own or self._connection.namespace)):
            if not is_namespace(namespace):
                continue
            try:
                path = f"/apis/apps/v1/namespaces/{namespace}/deployments"
                self._listed += (await self._connection.every(path))[0]
                answered = True
            except StatusError as error:
                if error.code != FORBIDDEN:
                    raise
        if not answered:
            raise refusal

    def _refused(self, error: StatusError) -> str:
        if error.code == FORBIDDEN:
            return forbidden(error, self._connection.who)
        return self._connection.refused(error).what

    def _plugin(self) -> str:
        """Return what else may hold up the answer: a plugin that waits for somebody to log in."""
        if self._connection.who or not self._context:
            return ""
        user = text(self._config.contexts[self._context].value, "user")
        entry = self._config.users.get(user)
        command = text(part(entry.value, "exec"), "command") if entry else ""
        return f": the credential plugin {command} may wait for somebody to log in" * bool(command)
