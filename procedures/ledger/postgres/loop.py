"""An event loop in a thread of its own, for a client that only speaks in coroutines."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError
from typing import Any, TypeVar

from procedures.errors import LedgerError

T = TypeVar("T")


class LoopThread:
    """Runs coroutines for callers that block; any thread may call, but not the loop's own."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._lock = threading.Lock()
        self._closed = False
        # A daemon: a console that ends without closing its ledger must not hang at its exit.
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Return what ``coroutine`` returns; LedgerError once the loop is closed."""
        with self._lock:
            if self._closed:
                coroutine.close()
                raise _closed()
            future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result()
        except CancelledError as error:
            raise _closed() from error

    def close(self, farewell: Coroutine[Any, Any, None]) -> None:
        """Run ``farewell`` last of all, and end the thread; what still runs is cancelled."""
        with self._lock:
            if self._closed:
                farewell.close()
                return
            self._closed = True
        asyncio.run_coroutine_threadsafe(_ended(farewell), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _ended(farewell: Coroutine[Any, Any, None]) -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await farewell


def _closed() -> LedgerError:
    return LedgerError("the ledger is closed", fix="Open the console again")
