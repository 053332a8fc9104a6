"""A snapshot may come at any moment, also while a screen is being built or taken down."""

from collections.abc import Iterable
from pathlib import Path

from textual.widget import Widget

from procedures.signals.values import Snapshot
from tests.scripted import scripted_console, settle, snapshot
from tui.app import ConsoleApp
from tui.screens.alerts import AlertsScreen


class Noting(AlertsScreen):
    """Keeps how far it was built whenever it was asked to show something."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[int] = []

    def show(self, snapshot: Snapshot) -> None:
        self.asked.append(len(self.query("#alert-list")))
        super().show(snapshot)


async def test_a_screen_that_is_not_built_yet_is_not_asked_to_show(tmp_path: Path) -> None:
    app, watch = scripted_console(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        watch.say(snapshot())
        await settle(pilot)
        screen = Noting()
        mounted = app.push_screen(screen)
        assert screen in app.screen_stack
        app.show_everywhere(snapshot())
        assert screen.asked == []
        await mounted
        await settle(pilot)
        assert screen.asked
        assert set(screen.asked) == {1}


class Last(Widget):
    """Gives the screens a snapshot at the moment at which the console takes it down."""

    def on_unmount(self) -> None:
        app = self.app
        assert isinstance(app, ConsoleApp)
        app.show_everywhere(snapshot())


class Closing(AlertsScreen):
    """Has a widget that outlives the others."""

    def body(self) -> Iterable[Widget]:
        yield from super().body()
        yield Last()


async def test_a_console_that_closes_asks_no_screen_to_show(tmp_path: Path) -> None:
    app, watch = scripted_console(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        watch.say(snapshot())
        await app.push_screen(Closing())
        await settle(pilot)
    assert not app.is_running
