"""All backups with their ages and what is known of them; the recovery point, ticking."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from textual import work
from textual.binding import Binding
from textual.widget import Widget

from procedures.backups.values import Backup, Outcome, Verification
from procedures.errors import SourceError
from procedures.signals.values import Backups, Snapshot
from tui.screens.base import ConsoleScreen
from widgets.backup_line import BackupRow, backup_line, backup_page
from widgets.backup_state import BackupState, ReadingBar
from widgets.banner import Banner
from widgets.header_bar import Heading
from widgets.line_list import LineList
from widgets.marks import counted
from widgets.text_view import TextView

if TYPE_CHECKING:
    from procedures.backups.depot import Depot, Stock
    from procedures.backups.streams import Effort

TELL_EVERY_S = 0.2
REDRAW_AFTER = timedelta(seconds=10)
"""How old the ages in the list may be: each row that is drawn costs bytes on a slow link."""


class BackupsScreen(ConsoleScreen):
    """The list below the state; what is verified is read in a thread."""

    DEFAULT_CSS = "BackupsScreen LineList { height: 1fr; }"
    BINDINGS = [
        Binding("v", "verify", "Verify", tooltip="Read the backup at the cursor through"),
        Binding("V", "verify_newest", "All newest", tooltip="Read the newest of each kind through"),
        Binding("x", "stop", "Stop", tooltip="Give the reading up"),
        Binding("escape", "app.pop_screen", "Back"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._depot: Depot | None = None
        self._stock: Stock | None = None
        self._seen: Backups | None = None
        self._effort: Effort | None = None
        self._reading = ""
        self._drawn_at: datetime | None = None

    def body(self) -> Iterable[Widget]:
        """Build state, list and the bar of a reading."""
        yield Banner("Backups", "looking", id="backups-banner")
        yield BackupState()
        yield LineList[BackupRow](backup_line, empty="Looking for backups…", id="backup-list")
        yield ReadingBar()

    def on_mount(self) -> None:
        """Look, and tell how far a reading is."""
        self._list.focus()
        self.set_interval(TELL_EVERY_S, self._tell)
        self._look()

    @property
    def _list(self) -> LineList[BackupRow]:
        return self.query_one("#backup-list", LineList)

    def show(self, snapshot: Snapshot) -> None:
        """Look again when the watch saw something new."""
        if self._seen is not snapshot.backups:
            self._seen = snapshot.backups
            self._look()

    def show_heading(self, heading: Heading) -> None:
        """Let the recovery point and the ages tick."""
        super().show_heading(heading)
        self.query_one(BackupState).show_now(heading.now)
        if self._drawn_at is None or heading.now - self._drawn_at >= REDRAW_AFTER:
            self._show_rows()

    @work(name="backups", exclusive=True, group="backups-look")
    async def _look(self) -> None:
        from procedures.backups.depot import Depot

        services = self.console.services
        if not services.environment.has_backups:
            self._say_nothing("The settings name no place of backups: set backup_dir.")
            return
        self._depot = depot = Depot(services.environment, services.clock)
        try:
            stock = await depot.stock()
        except SourceError as error:
            self._say_nothing(f"{error.what}. {error.fix}")
            return
        self._stock = stock
        judged = depot.judged(stock)
        now = services.clock.now()
        self.query_one(BackupState).show(
            judged.recovery, judged.schedules, (judged.fault, *stock.faults), now
        )
        environment = services.environment
        places = (str(environment.backup_dir or ""), environment.backups.s3)
        note = f"{counted(len(stock.backups), 'backup')} · {' and '.join(filter(None, places))}"
        self.query_one("#backups-banner", Banner).show("Backups", note, bool(stock.faults))
        self._show_rows()

    def _say_nothing(self, why: str) -> None:
        self._stock = None
        self.query_one("#backups-banner", Banner).show("Backups", "not known", troubled=True)
        self._list.show((), empty=why)

    def _show_rows(self) -> None:
        stock = self._stock
        if stock is None:
            return
        now, before = self.console.services.clock.now(), self._list.row
        self._drawn_at = now
        rows = [BackupRow(backup=b, known=stock.known.get(b.key), now=now) for b in stock.backups]
        at = (i for i, row in enumerate(rows) if before and row.backup.key == before.backup.key)
        self._list.show(rows, cursor=next(at, None), empty="There is no backup.")

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Show everything about the backup under the cursor."""
        if (row := self._list.row) is not None:
            self.app.push_screen(BackupScreen(row))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to stop only what goes on, and to begin only what does not."""
        if action == "stop":
            return self._effort is not None
        if action in ("verify", "verify_newest"):
            return self._effort is None
        return super().check_action(action, parameters)

    def action_verify(self) -> None:
        """Read the backup under the cursor through."""
        if (row := self._list.row) is not None:
            self._verify((row.backup,))

    def action_verify_newest(self) -> None:
        """Read the newest backup of each place, kind and schedule through."""
        from procedures.backups.judgement import newest_of_each

        if self._stock is not None and self._stock.backups:
            self._verify(newest_of_each(self._stock.backups))

    def action_stop(self) -> None:
        """Give the reading up; what was read before stays known."""
        self.workers.cancel_group(self, "backups-verify")

    @work(name="verify", exclusive=True, group="backups-verify")
    async def _verify(self, backups: Sequence[Backup]) -> None:
        from procedures.backups.streams import Effort

        depot = self._depot
        if depot is None:
            return
        try:
            for backup in backups:
                self._effort, self._reading = Effort(), backup.path
                self.refresh_bindings()
                self._tell()
                try:
                    self._told(backup, await depot.verify(backup, self._effort))
                except SourceError as error:
                    self.console.tell(error)
                self._look()
        finally:
            self._effort = None
            if self.is_attached:
                self.query_one(ReadingBar).hide()
                self.refresh_bindings()
            self.console.action_look_now()

    def _tell(self) -> None:
        if self._effort is not None:
            effort = self._effort
            self.query_one(ReadingBar).show(self._reading, effort.done_bytes, effort.total_bytes)

    def _told(self, backup: Backup, verification: Verification) -> None:
        severity = {Outcome.PASSED: "information", Outcome.FAILED: "error"}
        self.notify(
            verification.fault or verification.checks[-1].said,
            title=f"{backup.name}: {verification.outcome.value}",
            severity=severity.get(verification.outcome, "warning"),  # type: ignore[arg-type]
            markup=False,
        )


class BackupScreen(ConsoleScreen):
    """Everything about one backup."""

    DEFAULT_CSS = "BackupScreen TextView { height: 1fr; }"
    BINDINGS = [Binding("escape", "app.pop_screen", "Back")]

    def __init__(self, row: BackupRow) -> None:
        super().__init__()
        self._row = row

    def body(self) -> Iterable[Widget]:
        """Build the page."""
        yield TextView(id="backup-page")

    def on_mount(self) -> None:
        """Write the page."""
        page = self.query_one(TextView)
        page.show(backup_page(self._row))
        page.focus()
