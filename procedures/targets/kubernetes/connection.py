"""Questions to the API server, with credentials that are renewed when their files change."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from time import monotonic

import aiohttp

from procedures.clock import Clock
from procedures.environment import TargetAddress
from procedures.errors import SourceError
from procedures.targets.kubernetes.asking import (
    Parameters,
    error_of,
    held,
    keep_alive,
    parsed,
    sent,
)
from procedures.targets.kubernetes.errors import (
    FAULTS,
    GONE,
    UNAUTHORIZED,
    StatusError,
    refused,
    unreachable,
)
from procedures.targets.kubernetes.fields import Json, parts, text
from procedures.targets.kubernetes.session import Session
from procedures.targets.kubernetes.sessions import Sessions

TIME_LIMIT_S = 10.0
PAGE = 500
_MOST_BEGINNINGS = 3


class Connection:
    """The API server of one context, and one namespace in it.

    Args:
        address: Which context and namespace.
        variables: Where the kubeconfig is found, and the environment of its plugins.
        clock: What time it is.
        time_limit_s: Seconds that one question may take.
        page: How many objects are asked for at once.
    """

    def __init__(
        self,
        address: TargetAddress,
        variables: Mapping[str, str],
        clock: Clock,
        *,
        time_limit_s: float = TIME_LIMIT_S,
        page: int = PAGE,
    ) -> None:
        self._sessions = Sessions(address, variables, clock)
        self._clock = clock
        self._time_limit_s = time_limit_s
        self._page = page

    @property
    def context(self) -> str:
        """The context that is asked; empty while nobody knows it."""
        return self._sessions.context

    @property
    def namespace(self) -> str:
        """The namespace; before the first question, as far as it is known."""
        return self._sessions.namespace

    @property
    def is_within(self) -> bool:
        """Whether the console runs in the cluster, and as its own service account."""
        current = self._sessions.current
        return current is not None and not current.access.context

    @property
    def who(self) -> str:
        """Name of the user in the kubeconfig."""
        current = self._sessions.current
        return current.access.who if current else ""

    async def get(
        self,
        path: str,
        parameters: Parameters = (),
        *,
        time_limit_s: float | None = None,
        **names: str,
    ) -> Json:
        """Return the object at a path; ``{namespace}`` and other names in it are filled in.

        StatusError for an answer that tells of an error; SourceError for none at all, and for
        credentials that are not accepted.
        """
        limit_s = min(time_limit_s or self._time_limit_s, self._time_limit_s)
        async with self._asked(path, parameters, names, limit_s) as (session, response):
            try:
                async with asyncio.timeout(limit_s):
                    body = await response.read()
                    found = await parsed(body)
            except FAULTS as error:
                raise unreachable(error, session.access, self._clock.now()) from error
            except ValueError as error:
                raise SourceError(
                    f"{session.access.server} does not answer as an API server does",
                    fix="Look at the address in the kubeconfig, and at a proxy between",
                ) from error
        return found

    async def every(
        self, path: str, parameters: Parameters = (), *, time_limit_s: float | None = None
    ) -> tuple[list[Json], str]:
        """Return all objects of a list, page by page, and the version at which they were listed.

        Where the server forgot the list while it was read, it is read again from the beginning.
        """
        for beginning in range(_MOST_BEGINNINGS):
            # A server that forgets faster than we read is asked for all at once.
            limit = [("limit", str(self._page))] if beginning < _MOST_BEGINNINGS - 1 else []
            found: list[Json] = []
            further = ""
            try:
                while True:
                    go_on = [("continue", further)] if further else []
                    answer = await self.get(
                        path, [*parameters, *limit, *go_on], time_limit_s=time_limit_s
                    )
                    found += parts(answer, "items")
                    further = text(answer, "metadata", "continue")
                    if not further:
                        return found, text(answer, "metadata", "resourceVersion")
            except StatusError as error:
                if error.code != GONE or not further:
                    raise
        raise SourceError("the API server forgets its lists faster than they are read")

    @asynccontextmanager
    async def stream(
        self, path: str, parameters: Parameters, *, idle_s: float | None = None, **names: str
    ) -> AsyncIterator[aiohttp.StreamReader]:
        """Give the body of an answer that does not end.

        Args:
            path: As for ``get``.
            parameters: As for ``get``.
            idle_s: Seconds of silence after which the connection counts as broken.
            names: As for ``get``.
        """
        limit_s = self._time_limit_s
        async with self._asked(path, parameters, names, limit_s, idle_s) as (session, response):
            keep_alive(response)
            try:
                yield response.content
            except FAULTS as error:
                raise unreachable(error, session.access, self._clock.now()) from error

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """Give the client itself, for what is not a plain question."""
        async with await self._sessions.newest() as session:
            yield session

    def refused(self, error: StatusError) -> SourceError:
        """Return an answer that nobody can use as the error to show."""
        current = self._sessions.current
        if current is None:
            return SourceError(error.message)
        return refused(error, current.access, current.credentials, self._clock.now())

    async def aclose(self) -> None:
        """Close the connections; a later question opens new ones."""
        await self._sessions.aclose()

    @asynccontextmanager
    async def _asked(
        self,
        path: str,
        parameters: Parameters,
        names: Mapping[str, str],
        limit_s: float,
        idle_s: float | None = None,
    ) -> AsyncIterator[tuple[Session, aiohttp.ClientResponse]]:
        """Ask, with newer credentials if those at hand are not accepted; give the open answer."""
        unaccepted: Session | None = None
        asked_at = monotonic()
        while True:
            async with await self._sessions.newest(unaccepted, asked_at) as session:
                try:
                    async with asyncio.timeout(limit_s):
                        response = await sent(session, path, parameters, names, idle_s)
                        error = await error_of(response)
                except FAULTS as fault:
                    raise unreachable(fault, session.access, self._clock.now()) from fault
                if error is None:
                    with held(response):
                        yield session, response
                    return
                if error.code != UNAUTHORIZED:
                    raise error
                if session is unaccepted:
                    now = self._clock.now()
                    raise refused(error, session.access, session.credentials, now) from error
                unaccepted = session
