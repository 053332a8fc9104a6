"""Keeping a walk true while other consoles, and commands in the background, act on its run."""

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from procedures.errors import ProcedureError
from procedures.execution.run.run import Driver, Run
from tui.run_news import news

if TYPE_CHECKING:
    from procedures.execution.walking.progress import Progress
    from procedures.execution.walking.walk import Walk

FOLLOW_S = 0.5
"""How long to wait for news before looking whether there is anything else to do."""

AGAIN_S = 3.0
"""How soon to look again after an error."""


class Onlooker(Protocol):
    """The screen on which a walk is followed."""

    @property
    def is_looking(self) -> bool:
        """Whether there is still somebody to show it to."""

    def now(self) -> datetime:
        """Tell the time."""

    def say(self, text: str) -> None:
        """Show a passing message."""

    def trouble(self, error: ProcedureError) -> None:
        """Show an error, once for as long as it lasts."""

    def moved(self) -> None:
        """Show the run as it is now."""

    def tick(self) -> None:
        """Show what changes with time alone."""

    def progress(self, progress: "Progress") -> None:
        """Show what a step being executed tells."""


async def follow(walk: "Walk", me: Driver, onlooker: Onlooker) -> None:
    """Show what happens until the run has ended or nobody looks any more."""
    shown = walk.run
    while walk.run.is_open and onlooker.is_looking:
        try:
            await walk.follow(FOLLOW_S)
        except ProcedureError as error:
            onlooker.trouble(error)
            await asyncio.sleep(AGAIN_S)
        if onlooker.is_looking:
            if walk.run != shown:
                _tell(shown, walk.run, me, onlooker)
                shown = walk.run
            onlooker.tick()


def _tell(before: Run, after: Run, me: Driver, onlooker: Onlooker) -> None:
    for sentence in news(before, after, me):
        onlooker.say(sentence)
    onlooker.moved()


async def watch(walk: "Walk", step_id: str, onlooker: Onlooker) -> None:
    """Show what the command of a step prints, while another console drives the run."""
    try:
        async for progress in walk.watch(step_id):
            onlooker.progress(progress)
    except ProcedureError as error:
        onlooker.trouble(error)
