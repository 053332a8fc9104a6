"""The engine that a target speaks to, asked in threads: the SDK blocks."""

import asyncio
import socket
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import docker
import docker.utils
from docker.context import ContextAPI

from procedures.environment import TargetAddress
from procedures.errors import SourceError
from procedures.targets.docker.errors import FAULTS, source_error

TIME_LIMIT_S = 10.0
_DEFAULT = "unix:///var/run/docker.sock"

T = TypeVar("T")


class Connection:
    """One client of one engine, made at the first question and anew after it was lost.

    Args:
        address: May name the engine; else it is found as the ``docker`` command finds it.
        variables: The environment of that command.
    """

    def __init__(
        self,
        address: TargetAddress,
        variables: Mapping[str, str],
        *,
        time_limit_s: float = TIME_LIMIT_S,
    ) -> None:
        self._given = address.engine
        self._variables = variables
        self._time_limit_s = time_limit_s
        self._of_context = ""
        self._client: docker.APIClient | None = None
        self._making = asyncio.Lock()

    @property
    def where(self) -> str:
        """The engine's address; that of a context is known after the first question."""
        named = self._given or self._variables.get("DOCKER_HOST", "")
        return named or self._of_context or _DEFAULT

    @property
    def is_given(self) -> bool:
        """Whether a command line has to name the engine to reach it."""
        return bool(self._given)

    async def ask(self, question: Callable[[docker.APIClient], T]) -> T:
        """Return what ``question`` gets from the client; SourceError if it gets nothing."""
        client = await self.client()
        try:
            async with asyncio.timeout(2 * self._time_limit_s):
                return await asyncio.to_thread(self._asked, question, client)
        except docker.errors.APIError as error:
            raise source_error(error, self.where) from error
        except (*FAULTS, TimeoutError) as error:
            await self._forget(client)
            raise source_error(error, self.where) from error

    async def client(self) -> docker.APIClient:
        """Return the client, connected."""
        async with self._making:
            if self._client is None:
                try:
                    async with asyncio.timeout(2 * self._time_limit_s):
                        self._client = await asyncio.to_thread(self._make)
                except (*FAULTS, TimeoutError) as error:
                    raise source_error(error, self.where) from error
            return self._client

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            client, self._client = self._client, None
            await asyncio.to_thread(client.close)

    async def _forget(self, client: docker.APIClient) -> None:
        if client is self._client:
            await self.aclose()

    def _asked(self, question: Callable[[docker.APIClient], T], client: docker.APIClient) -> T:
        self._knock()
        return question(client)

    def _knock(self) -> None:
        """Raise OSError where nothing listens; the SDK would lose a socket at each try."""
        where = self.where
        if not where.startswith("unix://"):
            return
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(self._time_limit_s)
            probe.connect(where.removeprefix("unix://"))

    def _make(self) -> docker.APIClient:
        self._knock()
        time_limit_s = round(self._time_limit_s)
        if self._given:
            return docker.APIClient(self._given, version="auto", timeout=time_limit_s)
        if self._variables.get("DOCKER_HOST"):
            found = docker.utils.kwargs_from_env(environment=dict(self._variables))
            tls = found.get("tls", False)
            return docker.APIClient(
                found["base_url"], version="auto", timeout=time_limit_s, tls=tls
            )
        context = _current_context(self._variables)
        if context is None:
            return docker.APIClient(_DEFAULT, version="auto", timeout=time_limit_s)
        self._of_context = str(context.Host)
        tls = context.TLSConfig or False
        return docker.APIClient(self._of_context, version="auto", timeout=time_limit_s, tls=tls)


def _current_context(variables: Mapping[str, str]) -> Any:  # noqa: ANN401 - without a type
    """Return the context that ``docker context use`` chose; None for the default engine."""
    try:
        found: Any = ContextAPI.get_context(variables.get("DOCKER_CONTEXT") or None)
    except FAULTS as error:
        raise SourceError(
            f"the Docker context cannot be read: {error}", fix="Try `docker context ls`"
        ) from error
    if found is None or found.Name == "default" or not found.Host:
        return None
    return found
