"""A command that ends in good order when it is told to, and leaves what it started running."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run_interruptibly(command: Callable[[], Awaitable[int]]) -> int:
    """Run ``command`` to its end; a signal cancels it, and 128 and its number is returned.

    What was ignored when the process began stays ignored, as ``nohup`` asks.
    """
    return asyncio.run(_guarded(command))


async def _guarded(command: Callable[[], Awaitable[int]]) -> int:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    caught: list[int] = []

    def end(number: int) -> None:
        caught.append(number)
        if task is not None:
            task.cancel()

    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, end, number)
    try:
        return await command()
    except asyncio.CancelledError:
        if not caught:
            raise
        return 128 + caught[0]
