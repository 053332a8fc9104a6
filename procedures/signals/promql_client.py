"""Many PromQL queries in few requests, off the event loop.

Each query is marked with a label that carries its name, and the marked queries are joined by
``or``: one request answers twenty of them. On a link with 100 ms of delay that is the difference
between a third of a second and three.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from procedures.environment import Endpoint
from procedures.signals.refusals import (
    CredentialsRefusedError,
    QueryRefusedError,
    not_understood,
    too_slow,
    unreachable,
)

if TYPE_CHECKING:
    from prometheus_api_client import PrometheusConnect

MARK = "quarterdeck_query"
"""The label that carries a query's name."""

LONGEST_QUERY = 3000
"""Characters of one request; proxies commonly refuse addresses of 8 KiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One series of an instant answer."""

    labels: Mapping[str, str]
    at: float
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One series of a range answer: pairs of Unix time and value."""

    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]


Answered = TypeVar("Answered", Point, Track)
Found = tuple[dict[str, list[Answered]], dict[str, str]]
"""Series by the name of their query, and reasons by the name of each query that was refused."""


class PromqlClient:
    """A server's query API; at most one request is in flight."""

    def __init__(self, endpoint: Endpoint, *, timeout_s: float) -> None:
        self._endpoint = endpoint
        self._timeout_s = timeout_s
        self._connection: PrometheusConnect | None = None
        # One thread: a request that outlives its asker's patience delays the next, not the loop.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="promql")

    async def query(self, queries: Mapping[str, str]) -> Found[Point]:
        """Answer each query for now; raises SourceError if the server is of no use."""

        def ask(connection: "PrometheusConnect", text: str) -> list[Point]:
            return [_point(each) for each in _vector(connection.custom_query(text))]

        return await self._in_thread(queries, ask)

    async def query_range(
        self, queries: Mapping[str, str], *, start: float, end: float, step_s: int
    ) -> Found[Track]:
        """Answer each query from ``start`` to ``end`` (Unix times)."""
        begin, finish = datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)

        def ask(connection: "PrometheusConnect", text: str) -> list[Track]:
            answer = connection.custom_query_range(text, begin, finish, str(step_s))
            return [_track(each) for each in answer]

        return await self._in_thread(queries, ask)

    async def aclose(self) -> None:
        """Close the connection once the request in flight has ended; does not wait for it."""
        self._thread.submit(self._forget)
        self._thread.shutdown(wait=False)

    async def _in_thread(
        self,
        queries: Mapping[str, str],
        ask: Callable[["PrometheusConnect", str], list[Answered]],
    ) -> Found[Answered]:
        deadline = monotonic() + self._timeout_s
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._ask_all, queries, ask, deadline)

    def _ask_all(
        self,
        queries: Mapping[str, str],
        ask: Callable[["PrometheusConnect", str], list[Answered]],
        deadline: float,
    ) -> Found[Answered]:
        found: dict[str, list[Answered]] = {}
        refused: dict[str, str] = {}
        waiting = [dict(batch) for batch in _batches(queries)]
        while waiting:
            batch = waiting.pop(0)
            if monotonic() > deadline:
                raise too_slow(self._endpoint.url, self._timeout_s)
            try:
                series = self._ask(_joined(batch), ask)
            except QueryRefusedError as error:
                if len(batch) > 1:  # find the one that is wrong
                    waiting += [{name: query} for name, query in batch.items()]
                else:
                    refused |= dict.fromkeys(batch, error.what)
                continue
            for each in series:
                found.setdefault(each.labels.get(MARK, ""), []).append(each)
        return found, refused

    def _ask(
        self, text: str, ask: Callable[["PrometheusConnect", str], list[Answered]]
    ) -> list[Answered]:
        import requests
        from urllib3.exceptions import HTTPError

        address = self._endpoint.url
        connection = self._connected()
        try:
            return ask(connection, text)
        except CredentialsRefusedError:
            self._forget()
            raise
        except requests.exceptions.Timeout as error:
            raise too_slow(address, self._timeout_s) from error
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise not_understood(address, "a Prometheus answer") from error
        except (requests.exceptions.RequestException, HTTPError) as error:
            self._forget()
            raise unreachable(address, error) from error

    def _forget(self) -> None:
        """Let the next question read certificates and secrets again: they may be new ones."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connected(self) -> "PrometheusConnect":
        if self._connection is None:
            from prometheus_api_client import PrometheusConnect

            from procedures.signals.requests_session import bounded_session

            session = bounded_session(self._endpoint, timeout_s=self._timeout_s)
            self._connection = PrometheusConnect(
                self._endpoint.url,
                session=session,
                timeout=self._timeout_s,
            )
        return self._connection


def _batches(queries: Mapping[str, str]) -> Iterator[list[tuple[str, str]]]:
    """Group the queries so that no request becomes too long."""
    batch: list[tuple[str, str]] = []
    length = 0
    for name, query in queries.items():
        if batch and length + len(query) > LONGEST_QUERY:
            yield batch
            batch, length = [], 0
        batch.append((name, query))
        length += len(query) + len(name) + 50
    if batch:
        yield batch


def _joined(batch: Mapping[str, str]) -> str:
    """Mark each query with its name and join them."""
    return " or ".join(
        f'label_replace({query}, "{MARK}", "{name}", "", "")' for name, query in batch.items()
    )


def _vector(result: Any) -> list[Any]:  # noqa: ANN401 - JSON of the server
    if not isinstance(result, list):
        raise TypeError(result)
    return result


def _point(series: Any) -> Point:  # noqa: ANN401 - JSON of the server
    at, value = series["value"]
    return Point(labels=series["metric"], at=float(at), value=float(value))


def _track(series: Any) -> Track:  # noqa: ANN401 - JSON of the server
    points = tuple((float(at), float(value)) for at, value in series["values"])
    return Track(labels=series["metric"], points=points)
