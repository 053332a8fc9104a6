"""What a console learns from the record beside its own runs: incidents, requests, its soundness."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import work
from textual.app import App

from procedures.errors import ProcedureError
from procedures.execution.cleaning import clean_line, clean_text
from tui.services import Services

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel

    from procedures.execution.record.approvals import Request
    from procedures.execution.run.run import Run
    from procedures.response.incidents import Incident

LOOK_EVERY_S = 5.0
"""How soon a second console shows an incident, and that somebody asks for a second person."""


class RecordWatch(App[int]):
    """Reads the record now and then, and tells what is new or wrong.

    Attributes:
        incidents: What is open, the most severe first.
        requests: Steps that wait for this operator's word as the second person.
        ledger_fault: Why the record cannot be read at present; empty if it can.
    """

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self.incidents: tuple[Incident, ...] = ()
        self.requests: tuple[Request, ...] = ()
        self.ledger_fault = ""
        self._told: set[str] = set()

    def watch_record(self) -> None:
        """Begin to look, now and every few seconds."""
        self.settle_record()
        self._look()
        self.set_interval(LOOK_EVERY_S, self._look)

    def _look(self) -> None:
        """Look once more, unless the last look has not come back yet."""
        busy = {each.group for each in self.workers if not each.is_finished}
        if "incidents" not in busy:
            self.look_for_incidents()
        if "requests" not in busy:
            self.look_for_requests()

    async def open_runs(self) -> "Sequence[Run]":
        """Return this environment's unfinished runs, newest first."""
        from procedures.execution.record.runs import open_runs

        environment = self.services.environment
        try:
            return await asyncio.to_thread(
                lambda: open_runs(self.services.ledger, environment.name)
            )
        except ProcedureError as error:
            self._tell_once(error)
            return ()

    @work(name="incidents", group="incidents", exclusive=True)
    async def look_for_incidents(self) -> None:
        """Read the open incidents: another console may have declared or resolved one."""
        try:
            self.incidents = await self.services.open_incidents()
        except ProcedureError as error:
            self._tell_once(error)
            self.ledger_fault = error.what
        else:
            self._told.discard(self.ledger_fault)
            self.ledger_fault = ""

    @work(name="record")
    async def settle_record(self) -> None:
        """Verify what was recorded since the last time; say it if anything is wrong with it."""
        try:
            found = await self.services.settle_record()
        except ProcedureError as error:
            self._tell_once(error)
            return
        if found.notice:
            self.notify(found.notice, title="The record", markup=False, timeout=20)
        if found.broken_at is not None:
            self.notify(
                f"Event {found.broken_at}: {found.problem}. Run `quarterdeck ledger verify`.",
                title="The record is not what it was",
                severity="error",
                markup=False,
                timeout=60,
            )

    @work(name="requests", group="requests", exclusive=True)
    async def look_for_requests(self) -> None:
        """Read what waits for a second person, and say so once for each."""
        try:
            requests = await self.services.open_requests()
        except ProcedureError as error:
            self._tell_once(error)
            return
        known = {request.approval for request in self.requests}
        self.requests = requests
        for request in requests:
            if request.approval not in known:
                self.notify(
                    f"{request.title} · F6 shows it",
                    title=f"{request.approval.asked_by} asks for a second person",
                    markup=False,
                    timeout=10,
                )

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: "SeverityLevel" = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Show a passing message; it is never markup, for it may tell what others have written."""
        super().notify(
            clean_text(message),
            title=clean_line(title),
            severity=severity,
            timeout=timeout,
            markup=False,
        )

    def _tell_once(self, error: ProcedureError) -> None:
        """Tell what nobody asked for: two readers of one broken ledger need not both say so."""
        if error.what not in self._told:
            self._told.add(error.what)
            self.tell(error)

    def tell(self, error: ProcedureError) -> None:
        """Show an expected error as a passing message."""
        self.notify(error.fix or " ", title=error.what, severity="error", markup=False, timeout=10)
