"""The log of what is chosen on the Service screen: followed, searched, saved."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta

from textual import work

from procedures.errors import ProcedureError
from procedures.runbook.quantities import seconds
from tui.screens.base import ConsoleScreen
from widgets.log_pane import LogPane
from widgets.marks import duration
from widgets.text_dialog import TextDialog

REST_S = 0.25
"""How long the cursor rests on a row before its log is asked for."""
TAIL = 500
"""Lines of each unit to begin with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """Whose log is followed: of a workload, or of one of its units."""

    target: str
    workload: str
    unit: str
    since_s: float


class ServiceLog(ConsoleScreen):
    """A screen with a pane for the log of what is chosen on it.

    Attributes:
        since_s: How far back the log begins, in seconds; 0 for its end alone.
    """

    def __init__(self) -> None:
        super().__init__()
        self.since_s = 0.0
        self._followed: Followed | None = None

    @property
    def _log(self) -> LogPane:
        return self.query_one("#log", LogPane)

    def follow(self, chosen: Followed) -> None:
        """Show the log of ``chosen`` from now on, unless it is shown already."""
        if chosen != self._followed:
            self._followed = chosen
            self._follow(chosen)

    def follow_nothing(self) -> None:
        """Let no log run that nobody sees."""
        self._followed = None
        self.workers.cancel_group(self, "log")

    def follow_chosen(self) -> None:
        """Follow the log of what is chosen at this moment."""
        raise NotImplementedError

    @work(name="log", group="log", exclusive=True)
    async def _follow(self, chosen: Followed) -> None:
        await asyncio.sleep(REST_S)
        from procedures.execution.secrets.values import secret_values
        from procedures.targets.log_following import LogFollowing

        services = self.console.services
        self._log.secrets = await asyncio.to_thread(secret_values, services.environment)
        since_s = chosen.since_s
        since = services.clock.now() - timedelta(seconds=since_s) if since_s else None
        of = chosen.unit or chosen.workload
        self._log.begin(of, chosen.workload, since=duration(since_s) + " ago" if since_s else "")
        following = LogFollowing(
            services.target_watch.target(chosen.target),
            chosen.workload,
            unit=chosen.unit,
            since=since,
            tail=None if since else TAIL,
            clock=services.clock,
        )
        async with aclosing(following.batches()) as batches:
            async for lines in batches:
                self._log.extend(lines)

    @work(name="ask", group="ask")
    async def on_log_pane_search_asked(self, event: LogPane.SearchAsked) -> None:
        """Ask for words to find."""
        words = await self.app.push_screen_wait(
            TextDialog(
                "Search the log", "Words; small letters find capitals too", value=event.words
            )
        )
        if words is not None:
            self._log.search(words)

    @work(name="ask", group="ask")
    async def on_log_pane_since_asked(self) -> None:
        """Ask from when on the log shall be shown."""
        said = await self.app.push_screen_wait(
            TextDialog("Since", "How long ago: 10m, 2h, 1d; nothing for the end alone")
        )
        if said is None:
            return
        since_s = seconds(said.strip()) if said.strip() else 0.0
        if since_s is None:
            self.notify(f"'{said}' is no span of time such as 10m.", markup=False)
            return
        self.since_s = since_s
        self.follow_chosen()

    @work(name="ask", group="ask")
    async def on_log_pane_save_asked(self) -> None:
        """Ask for a file, and write what is shown into it."""
        from tui.log_saving import proposed_name, save_log

        lines = self._log.window.lines()
        name = proposed_name(self._log.of, self.console.services.clock.now())
        said = await self.app.push_screen_wait(
            TextDialog("Save the log", f"{len(lines)} lines, into a new file", value=name)
        )
        if not said:
            return
        try:
            path = await save_log(said, lines, self.console.services)
        except ProcedureError as error:
            self.console.tell(error)
        else:
            self.notify(f"Wrote {path}", markup=False)
