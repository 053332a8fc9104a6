"""The engine that a target speaks to, asked in threads: the SDK blocks."""

import asyncio
import math
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import docker
from docker.tls import TLSConfig

from procedures.environment import TargetAddress
from procedures.targets.docker.engines import DEFAULT, Engine, engine_of, named_engine
from procedures.targets.docker.errors import FAULTS, source_error
from procedures.targets.docker.sockets import SocketAdapter

TIME_LIMIT_S = 5.0
_ANY_VERSION = "1.44"
"""For the one question that needs none: which versions the engine speaks."""
_AT_ONCE = 8
"""Questions at the same time; further ones wait for their turn."""

T = TypeVar("T")


class Connection:
    """One client of one engine, made at the first question and anew after it was lost.

    Args:
        address: May name the engine; else it is found as the ``docker`` command finds it.
        variables: The environment of that command.
        time_limit_s: How long the engine may say nothing.
    """

    def __init__(
        self,
        address: TargetAddress,
        variables: Mapping[str, str],
        *,
        time_limit_s: float = TIME_LIMIT_S,
    ) -> None:
        self.time_limit_s = time_limit_s
        self._given = address.engine
        self._variables = variables
        self._engine: Engine | None = None
        self._client: docker.APIClient | None = None
        self._making = asyncio.Lock()
        self._threads: ThreadPoolExecutor | None = None

    @property
    def where(self) -> str:
        """The engine's address; that of a context is known after the first question."""
        if self._engine is not None:
            return self._engine.url
        return named_engine(self._given, self._variables) or DEFAULT

    @property
    def words(self) -> tuple[str, ...]:
        """What names the engine on a command line."""
        return (self._engine or Engine(url=self.where)).words

    async def engine(self) -> Engine:
        """Return the engine that is meant; it stays the same from the first question on."""
        if self._engine is None:
            self._engine = await asyncio.to_thread(engine_of, self._given, self._variables)
        return self._engine

    async def ask(self, question: Callable[[docker.APIClient], T]) -> T:
        """Return what ``question`` gets from the client; SourceError if it gets nothing."""
        engine = await self.engine()
        try:
            client = await self._connected(engine)
            async with asyncio.timeout(2 * self.time_limit_s):
                return await self._in_thread(lambda: question(client))
        except docker.errors.APIError as error:
            raise source_error(error, engine.url) from error
        except FAULTS as error:
            await self.aclose()
            raise source_error(error, engine.url) from error

    async def version(self) -> str:
        """Return the version of the API that is spoken: the newest that both sides know."""
        engine = await self.engine()
        try:
            return str((await self._connected(engine)).api_version)
        except FAULTS as error:
            raise source_error(error, engine.url) from error

    async def aclose(self) -> None:
        """Close the connections that nobody uses; the others end with their questions."""
        client, self._client = self._client, None
        threads, self._threads = self._threads, None
        if threads is not None:
            threads.shutdown(wait=False, cancel_futures=False)
        if client is not None:
            await asyncio.to_thread(client.close)

    async def _connected(self, engine: Engine) -> docker.APIClient:
        async with self._making:
            if self._client is None:
                async with asyncio.timeout(2 * self.time_limit_s):
                    self._client = await self._in_thread(lambda: self._made(engine))
            return self._client

    async def _in_thread(self, question: Callable[[], T]) -> T:
        # Threads of its own: an engine that hangs must not hold those of the whole console.
        if self._threads is None:
            self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="docker")
        return await asyncio.get_running_loop().run_in_executor(self._threads, question)

    def _made(self, engine: Engine) -> docker.APIClient:
        first = self._client_of(engine, _ANY_VERSION)
        try:
            version = str(first.version(api_version=False)["ApiVersion"])
        except KeyError as error:
            raise ValueError("it does not say which version it speaks") from error
        finally:
            first.close()
        return self._client_of(engine, version)

    def _client_of(self, engine: Engine, version: str) -> docker.APIClient:
        tls: TLSConfig | bool = False
        if (folder := engine.certificates) is not None:
            own = (str(folder / "cert.pem"), str(folder / "key.pem"))
            tls = TLSConfig(
                client_cert=own if (folder / "cert.pem").exists() else None,
                ca_cert=str(folder / "ca.pem") if engine.verified else None,
                verify=engine.verified,
            )
        client = docker.APIClient(
            engine.url,
            version=version,
            timeout=math.ceil(self.time_limit_s),
            tls=tls,
            max_pool_size=_AT_ONCE,
        )
        client.trust_env = False  # no proxy and no .netrc stands between the console and an engine
        if engine.url.startswith("unix:"):
            adapter = SocketAdapter(
                f"http+{engine.url}", math.ceil(self.time_limit_s), max_pool_size=_AT_ONCE
            )
            client.mount("http+docker://", adapter)
        return client
