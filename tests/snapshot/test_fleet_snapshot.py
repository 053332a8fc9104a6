"""How the fleet looks: worst first, filtered, sorted, without its server, and one target of it."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from procedures.fleet.rows import doubted_row
from procedures.fleet.values import FleetView
from procedures.signals.shown import shown_backups, shown_disk, shown_health
from tests.fleet_console import a_fleet, fleet_app, show_fleet, tell, view
from tests.live_console import until
from tests.scripted import NOW, snapshot
from tui.app import ConsoleApp
from widgets.indicator_panel import IndicatorPanel

Compare = Callable[..., bool]
Before = Callable[[Pilot[int]], Awaitable[None]]

SIZES = pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=["80x24", "200x50"])


async def nothing(pilot: Pilot[int]) -> None:
    await pilot.press("home")


def show(
    compare: Compare,
    state_dir: Path,
    size: tuple[int, int],
    before: Before = nothing,
    said: FleetView | None = None,
) -> None:
    app, _ = fleet_app(state_dir)

    async def run_before(pilot: Pilot[int]) -> None:
        await show_fleet(pilot, said or view(*a_fleet()))
        await before(pilot)
        await pilot.pause()

    assert compare(app, terminal_size=size, run_before=run_before)


@SIZES
def test_the_fleet(snap_compare: Compare, tmp_path: Path, size: tuple[int, int]) -> None:
    show(snap_compare, tmp_path, size)


def test_a_filtered_fleet(snap_compare: Compare, tmp_path: Path) -> None:
    async def before(pilot: Pilot[int]) -> None:
        await pilot.press("slash", "e", "u", "enter", "down")

    show(snap_compare, tmp_path, (80, 24), before)


def test_a_fleet_sorted_by_its_processors(snap_compare: Compare, tmp_path: Path) -> None:
    async def before(pilot: Pilot[int]) -> None:
        for _ in range(5):
            await pilot.press("s")
        pilot.app.clear_notifications()
        await tell(pilot, view(*a_fleet()))

    show(snap_compare, tmp_path, (80, 24), before)


def test_a_fleet_whose_server_is_silent(snap_compare: Compare, tmp_path: Path) -> None:
    fault = "http://prometheus.example.org does not answer within 4.5 s"
    said = view(*(doubted_row(each, fault) for each in a_fleet()), fault=fault)
    show(snap_compare, tmp_path, (80, 24), said=said)


@SIZES
def test_the_dashboard_of_a_target(
    snap_compare: Compare, tmp_path: Path, size: tuple[int, int]
) -> None:
    plain, _ = fleet_app(tmp_path)
    app, _ = fleet_app(tmp_path, environment=plain.services.fleet.target("eu-07"))

    async def run_before(pilot: Pilot[int]) -> None:
        assert isinstance(app, ConsoleApp)
        said = snapshot(
            health=shown_health(None, NOW),
            backups=shown_backups(None, NOW),
            disk=shown_disk(None, NOW),
        )
        app.services.watch.say(said)  # type: ignore[attr-defined]
        await until(pilot, lambda: app.snapshot is said)
        await until(pilot, lambda: bool(pilot.app.screen.query(IndicatorPanel)))
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=run_before)
