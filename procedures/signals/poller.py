"""One source, asked again and again; never more than one question at a time."""

import asyncio
import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Generic, TypeVar

from procedures.clock import Clock
from procedures.errors import SourceError
from procedures.signals.freshness import silence_fault
from procedures.signals.refusals import too_slow
from procedures.signals.source import Source
from procedures.signals.values import SourceStatus

LONGEST_BACKOFF_S = 60.0
JITTER = 0.1
STALE_AFTER_INTERVALS = 3

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(Generic[Part]):
    """What is known from one source.

    Attributes:
        part: Its last answer; None before the first.
        answered_at: When that came; None also while the source says that it has nothing to tell.
        fault: What is wrong since then; empty while it answers.
        stale_after: How old the answer may become before it must not be shown as the present.
    """

    part: Part | None = None
    answered_at: datetime | None = None
    fault: str = ""
    stale_after: timedelta = timedelta(0)

    @property
    def settled(self) -> bool:
        """Whether it has answered or failed at least once."""
        return self.part is not None or bool(self.fault)

    @property
    def expires_at(self) -> datetime | None:
        """When the answer becomes stale; None while there is none."""
        return self.answered_at + self.stale_after if self.answered_at else None

    def doubt(self, now: datetime) -> str:
        """Return why the answer is not the present; empty while it is."""
        if self.answered_at is None or self.expires_at is None:
            return self.fault or "waiting for the first answer"
        if now <= self.expires_at:
            return ""
        return silence_fault(self.answered_at, self.fault or "still waiting for an answer")


def pause_s(interval_s: float, failures: int) -> float:
    """Return how long to wait after so many failures in a row: twice as long each, to a minute."""
    longest_s = max(interval_s, LONGEST_BACKOFF_S)
    return min(interval_s * 2.0 ** min(max(failures - 1, 0), 10), longest_s)


class Poller(Generic[Part]):
    """Keeps asking ``source``; calls ``changed`` after every answer and every failure."""

    def __init__(
        self, source: Source[Part | None], *, clock: Clock, changed: Callable[[], None]
    ) -> None:
        self.source = source
        stale_after = timedelta(seconds=STALE_AFTER_INTERVALS * source.interval_s)
        self.held: Held[Part] = Held(stale_after=stale_after)
        self._clock = clock
        self._changed = changed
        self._wake = asyncio.Event()
        self._question: asyncio.Task[Part | None] | None = None
        self._asked_at = 0.0
        self._took_ms: float | None = None
        self._failures = 0

    @property
    def status(self) -> SourceStatus:
        """How the source is doing."""
        partial = getattr(self.held.part, "fault", "")
        return SourceStatus(
            name=self.source.name,
            address=self.source.address,
            last_ok=self.held.answered_at,
            took_ms=self._took_ms,
            fault=self.held.fault or partial,
        )

    async def run(self) -> None:
        """Ask for ever, each time after the interval, longer while the source fails."""
        while True:
            await self.ask()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pause_s()):
                    await self._wake.wait()
            self._wake.clear()

    @property
    def is_due(self) -> bool:
        """Whether its interval has passed, longer while it fails: for who asks in rounds."""
        never_asked = not self._asked_at
        return never_asked or monotonic() - self._asked_at >= pause_s(
            self.source.interval_s, self._failures
        )

    def wake(self) -> None:
        """Ask now, without waiting for the interval to pass."""
        self._wake.set()

    async def ask(self) -> None:
        """Ask once, or go on waiting for the question that has not been answered yet.

        A question that overran its time is not cancelled: a thread that hangs in the kernel could
        not be, and a second one beside it would hang as well.
        """
        if self._question is None:
            self._question = asyncio.create_task(self.source.read())
            self._question.add_done_callback(lambda _: self.wake())
            self._asked_at = monotonic()
        done, _ = await asyncio.wait({self._question}, timeout=self.source.timeout_s)
        if not done:
            self._fail(too_slow(self.source.address, self.source.timeout_s))
            return
        question, self._question = self._question, None
        self._wake.clear()
        try:
            part = question.result()
        except SourceError as error:
            self._fail(error)
            return
        self._failures = 0
        self._took_ms = (monotonic() - self._asked_at) * 1000
        self.held = Held(
            part=part,
            answered_at=None if part is None else self._clock.now(),
            stale_after=self.held.stale_after,
        )
        self._changed()

    async def aclose(self) -> None:
        """Give up the question that is open and release the source."""
        if self._question is not None:
            self._question.cancel()
            await asyncio.gather(self._question, return_exceptions=True)
        await self.source.aclose()

    def _fail(self, error: SourceError) -> None:
        self._failures += 1
        fault = f"{error.what}. {error.fix}" if error.fix else error.what
        self.held = Held(
            part=self.held.part,
            answered_at=self.held.answered_at,
            fault=fault,
            stale_after=self.held.stale_after,
        )
        self._changed()

    def _pause_s(self) -> float:
        spread = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - only spreads the load
        return pause_s(self.source.interval_s, self._failures) * spread
