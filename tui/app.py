"""The console's application: it watches in one worker and hands each screen its share."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.filter import LineFilter, Monochrome
from textual.screen import Screen

from procedures.errors import ProcedureError
from procedures.signals.values import Snapshot
from procedures.targets.addresses import cluster_of
from tui import places
from tui.record_watch import RecordWatch
from tui.screens.base import ConsoleScreen
from tui.screens.dashboard import DashboardScreen
from tui.services import Services
from tui.theme import QUARTERDECK
from widgets.colourless import Colourless
from widgets.header_bar import Heading

if TYPE_CHECKING:
    from procedures.environment import Environment
    from procedures.execution.run.run import Run
    from procedures.library.entry import Entry
    from procedures.sandbox.launcher import Sandbox

COLOURLESS = Colourless()


class ConsoleApp(RecordWatch):
    """Full-screen operations console of one environment.

    ``start_sandbox`` brings the embedded sandbox up after the first paint and gives the
    environment its addresses; without it the environment of ``services`` is used as it is.
    """

    TITLE = "Quarterdeck"
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {
        "dashboard": DashboardScreen,
        "alerts": places.alerts_screen,
        "procedures": places.procedures_screen,
        "service": places.service_screen,
        "fleet": places.fleet_screen,
    }
    DEFAULT_MODE = "dashboard"
    COMMANDS = {places.palette}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "go('dashboard')", "Dashboard", tooltip="Indicators against thresholds"),
        Binding("2", "go('alerts')", "Alerts", tooltip="Firing and pending alerts"),
        Binding("3", "go('procedures')", "Procedures", tooltip="List and walk procedures"),
        Binding("4", "go('service')", "Service", tooltip="What runs, its logs, what changed"),
        Binding("5", "go('fleet')", "Fleet", tooltip="All environments and targets, worst first"),
        Binding("question_mark", "help", "Help", show=False, key_display="?"),
        Binding("f6", "decide", "Approvals", show=False, tooltip="What waits for a second person"),
        Binding("f5", "look_now", "Look now", show=False, tooltip="Ask all sources at once"),
        Binding("q", "quit", "Quit", tooltip="Leave; running steps go on"),
        Binding("ctrl+p", "command_palette", "Palette", tooltip="Every command by its name"),
    ]

    def __init__(
        self,
        services: Services,
        *,
        start_sandbox: "Callable[[], Awaitable[Sandbox]] | None" = None,
    ) -> None:
        super().__init__(services)
        self.sandbox: Sandbox | None = None
        self.run_title = ""
        self.goes_to: Environment | None = None
        self._start_sandbox = start_sandbox
        self.register_theme(QUARTERDECK)
        self.theme = QUARTERDECK.name

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Honour NO_COLOR to the letter: the framework's own filter sends greys."""
        filters = super().get_line_filters()
        if not self.no_color:
            return filters
        return [*(each for each in filters if not isinstance(each, Monochrome)), COLOURLESS]

    def _fatal_error(self) -> None:
        # The framework's own would print the locals of every frame, secrets among them.
        from rich.traceback import Traceback

        self.panic(Traceback(show_locals=False))

    def get_system_commands(self, screen: Screen[Any]) -> list[SystemCommand]:
        """Offer none of the framework's own: ours say the same in this console's words."""
        return []

    def on_mount(self) -> None:
        """Paint first, then begin to watch."""
        self.set_interval(1.0, self._tick)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self._watch()

    @work(name="watch")
    async def _watch(self) -> None:
        if self._start_sandbox is not None:
            try:
                self.sandbox = await self._start_sandbox()
            except ProcedureError as error:
                self.exit(2, message=str(error))
                return
            self.services.environment = self.sandbox.environment
        self.watch_record()
        runs = await self.open_runs()
        self.note_run(runs[0] if runs else None)
        # The clients take longer to import than a key press should wait.
        watch = await asyncio.to_thread(lambda: self.services.watch)
        async for snapshot in watch.snapshots():
            self.show_everywhere(snapshot)

    def show_everywhere(self, snapshot: Snapshot) -> None:
        """Hand ``snapshot`` to every screen of the present stack."""
        self.services.snapshot = snapshot
        for screen in self._console_screens():
            screen.show(snapshot)
        self._tick()

    @property
    def snapshot(self) -> Snapshot | None:
        """What the watch knows at this moment."""
        return self.services.snapshot

    def _tick(self) -> None:
        heading = self.heading()
        for screen in self._console_screens():
            screen.show_heading(heading)

    def _console_screens(self) -> list[ConsoleScreen]:
        # While the console closes, screens lose their widgets before they leave the stack.
        if not self.is_running:
            return []
        return [s for s in self.screen_stack if isinstance(s, ConsoleScreen) and s.is_ready]

    def heading(self) -> Heading:
        """Say what the header shows at this moment."""
        environment = self.services.environment
        sources = self.snapshot.sources if self.snapshot else ()
        answered = [source.last_ok for source in sources if source.last_ok is not None]
        troubles = [source.name for source in sources if source.fault]
        return Heading(
            environment=environment.name,
            tier=environment.tier,
            method=None if environment.watch_only else environment.method,
            operator=self.services.operator.name,
            now=self.services.clock.now(),
            data_at=max(answered, default=None),
            troubles=(*troubles, *(["ledger"] if self.ledger_fault else [])),
            incidents=self.incidents,
            run=self.run_title,
            requests=len(self.requests),
            read_only=environment.read_only,
            place=cluster_of(environment),
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Give every key to a terminal that has the focus."""
        if self.focused is not None and self.focused.has_class("-takes-every-key"):
            return False
        if action == "go":
            return places.can_go(str(parameters[0]), self.services)
        return super().check_action(action, parameters)

    def go_to(self, environment: "Environment") -> None:
        """Leave this environment's console for another's; steps that run go on.

        The console ends and another begins: nothing of one environment is left in the other's.
        """
        self.goes_to = environment
        self.exit(0)

    async def action_go(self, place: str) -> None:
        """Show one of the places; its screen is built when it is first visited."""
        if places.can_go(place, self.services):
            await self.switch_mode(place)

    def action_look_now(self) -> None:
        """Ask all sources at once instead of waiting for their turn."""
        if self.snapshot is not None:
            self.services.watch.refresh_now()
        if "target_watch" in self.services.__dict__:
            self.services.target_watch.look_now()
        self.services.look_at_fleet()

    def open_backups(self) -> None:
        """Show all backups, unless they are shown."""
        from tui.screens.backups import BackupsScreen

        if not isinstance(self.screen, BackupsScreen):
            self.push_screen(BackupsScreen())

    def action_help(self) -> None:
        """Show every key that works on this screen, and what the signs mean."""
        from tui.screens.help import HelpScreen, key_rows

        bindings = [each.binding for each in self.screen.active_bindings.values() if each.enabled]
        self.push_screen(HelpScreen(key_rows(bindings, self.get_key_display)))

    async def open_entry(self, entry: "Entry", *, rolls_back: str = "") -> None:
        """Show a procedure, ready to be walked; of what cannot be walked, what there is to read.

        Args:
            entry: Which.
            rolls_back: Id of the run whose effects it shall take back; mostly empty.
        """
        from tui.screens.walk import WalkScreen

        if entry.kind.value == "page" or self.services.environment.watch_only:
            await self.read_entry(entry)
            return
        try:
            document = await self.services.document(entry)
        except ProcedureError as error:
            self.tell(error)
        else:
            self.push_screen(WalkScreen(document.procedure, rolls_back=rolls_back))

    async def read_entry(self, entry: "Entry") -> None:
        """Show the whole document to read."""
        from tui.screens.reading import ReadingScreen

        self.push_screen(ReadingScreen(entry))

    async def entry_named(self, id: str) -> "Entry | None":
        """Return the document called ``id``; None, and a message, if there is none."""
        entry = (await self.services.whole_shelf()).get(id)
        if entry is None:
            self.notify(f"There is no procedure {id}.", severity="error", markup=False)
        return entry

    async def resume_run(self, run: "Run") -> None:
        """Take up a run where it was left; not where only the metrics are known."""
        from tui.screens.walk import WalkScreen

        if self.services.environment.watch_only:
            return
        try:
            procedure = await self.services.document_of(run)
        except ProcedureError as error:
            self.tell(error)
        else:
            self.push_screen(WalkScreen(procedure, run_id=run.id))

    def action_decide(self) -> None:
        """Show what waits for a second person, and ask for a word."""
        from tui.approving import decide

        self.run_worker(decide(self), name="decide")

    def note_run(self, run: "Run | None") -> None:
        """Show in the header which run is open."""
        if run is not None:
            self.run_title = run.procedure_id if run.is_open else ""
            self._tick()

    async def close_services(self) -> None:
        """Stop watching, release the ledger, and stop the sandbox unless it was to be kept."""
        await self.services.close()
        if self.sandbox is not None:
            await self.sandbox.stop()
