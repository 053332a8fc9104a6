"""The Fleet screen under the operator's hands."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from procedures.fleet.values import FleetRow
from procedures.reference.states import State
from tests.fleet_console import a_fleet, environments, fleet_app, fleet_console, row, tell, view
from tests.live_console import screen_text, until
from tests.scripted import CALM, settle, snapshot
from tui.app import ConsoleApp
from tui.screens.alerts import AlertsScreen
from tui.screens.dashboard import DashboardScreen
from tui.screens.fleet import FleetScreen
from widgets.fleet_line import FleetLine
from widgets.line_list import LineList


def shown(pilot: Pilot[int]) -> list[str]:
    listed: LineList[FleetLine] = pilot.app.screen.query_one("#fleet", LineList)
    return [each.row.name for each in listed.rows]


def at_cursor(pilot: Pilot[int]) -> str:
    listed: LineList[FleetLine] = pilot.app.screen.query_one("#fleet", LineList)
    return listed.row.row.name if listed.row else ""


def console(pilot: Pilot[int]) -> ConsoleApp:
    assert isinstance(pilot.app, ConsoleApp)
    return pilot.app


async def test_the_worst_stands_first_and_the_cursor_at_the_own_environment(tmp_path: Path) -> None:
    async with fleet_console(tmp_path, view(*a_fleet())) as pilot:
        assert shown(pilot)[:4] == ["eu-07", "production", "消息-[bold]odd[/bold]", "eu-09"]
        assert at_cursor(pilot) == "production"
        text = screen_text(pilot)
        assert "36 rows: 2 critical, 1 warning, 2 unknown, 31 ok" in text
        assert "P95 latency: critical" in text  # of the row at the cursor


async def test_the_cursor_stays_on_its_row_when_others_get_worse(tmp_path: Path) -> None:
    rows = [row(f"eu-{number}") for number in range(9)]
    async with fleet_console(tmp_path, view(*rows)) as pilot:
        await pilot.press("down", "down", "down")
        assert at_cursor(pilot) == "eu-3"
        bad = [row(f"eu-{number}", values={**CALM, "cpu": 99.0}) for number in (5, 7)]
        kept = [each for each in rows if each.name not in ("eu-5", "eu-7")]
        await tell(pilot, view(*kept, *bad))
        assert shown(pilot)[:3] == ["eu-5", "eu-7", "eu-0"]
        assert at_cursor(pilot) == "eu-3"


async def test_a_target_that_is_not_seen_any_more_is_unknown_with_its_age(tmp_path: Path) -> None:
    async with fleet_console(tmp_path, view(*a_fleet()), size=(200, 50)) as pilot:
        line = next(each for each in screen_text(pilot).splitlines() if "eu-09" in each)
        assert line.startswith(" ? eu-09")
        assert "22m" in line
        assert "no series with environment=eu-09 since" in line
        assert "●" not in line


async def test_letters_of_a_name_leave_the_others_out(tmp_path: Path) -> None:
    async with fleet_console(tmp_path, view(*a_fleet())) as pilot:
        await pilot.press("slash", "E", "u", "-")
        await until(pilot, lambda: shown(pilot) == ["eu-07", "eu-09"])
        assert "2 of 36: 1 critical, 1 unknown" in screen_text(pilot)
        await pilot.press("enter", "down")
        assert at_cursor(pilot) == "eu-09"
        await tell(pilot, view(*a_fleet()))
        assert shown(pilot) == ["eu-07", "eu-09"]
        await pilot.press("escape")
        await until(pilot, lambda: len(shown(pilot)) == 36)
        assert at_cursor(pilot) == "eu-09"


async def test_rows_can_be_sorted_by_an_indicator_and_by_name(tmp_path: Path) -> None:
    hot = row("zeta", values={**CALM, "cpu": 64.0})
    async with fleet_console(tmp_path, view(*a_fleet(), hot)) as pilot:
        for _ in range(5):
            await pilot.press("s")
        assert "by CPU" in screen_text(pilot)
        assert shown(pilot)[:2] == ["production", "zeta"]
        assert shown(pilot)[-1] == "eu-09"  # its last value is not its present one
        await pilot.press("s", "s")
        assert shown(pilot)[:3] == ["eu-07", "eu-09", "production"]
        await pilot.press("s")
        assert shown(pilot)[0] == "eu-07"


async def test_enter_on_another_environment_leaves_this_console_for_its_own(
    tmp_path: Path,
) -> None:
    app, fleet = fleet_app(tmp_path)
    async with app.run_test() as pilot:
        await pilot.press("5")
        await until(pilot, lambda: isinstance(app.screen, FleetScreen))
        await tell(pilot, view(*a_fleet()))
        await go_to(pilot, "staging")
        await pilot.press("enter")
        await pilot.pause()
    assert app.goes_to == environments()["staging"]
    assert fleet.followers == 0
    await app.close_services()


async def test_enter_on_the_own_environment_shows_its_dashboard(tmp_path: Path) -> None:
    async with fleet_console(tmp_path, view(*a_fleet())) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, DashboardScreen))
        assert console(pilot).goes_to is None


async def test_enter_on_a_target_leads_to_what_its_metrics_say_and_to_nothing_else(
    tmp_path: Path,
) -> None:
    async with fleet_console(tmp_path, view(*a_fleet())) as pilot:
        await go_to(pilot, "eu-07")
        await pilot.press("enter")
        target = console(pilot).goes_to
    assert target is not None
    assert (target.name, dict(target.labels)) == ("eu-07", {"environment": "eu-07"})
    assert target.read_only
    assert target.watch_only
    async with fleet_console(tmp_path, view(*a_fleet()), environment=target) as pilot:
        header = screen_text(pilot)
        assert "PRODUCTION" in header
        assert "eu-07 · metrics only · READ-ONLY" in header
        assert at_cursor(pilot) == "eu-07"
        await pilot.press("1")
        await until(pilot, lambda: isinstance(pilot.app.screen, DashboardScreen))
        await pilot.press("2")
        await until(pilot, lambda: isinstance(pilot.app.screen, AlertsScreen))
        for key in ("3", "4"):
            await pilot.press(key)
            await pilot.pause()
            assert isinstance(pilot.app.screen, AlertsScreen)


async def test_a_procedure_is_read_and_not_walked_where_only_metrics_are_known(
    tmp_path: Path,
) -> None:
    from tui.screens.reading import ReadingScreen

    app, _ = fleet_app(tmp_path)
    target = app.services.fleet.target("eu-07")
    async with fleet_console(tmp_path, view(*a_fleet()), environment=target) as pilot:
        entry = await console(pilot).entry_named("rolling-restart")
        assert entry is not None
        await console(pilot).open_entry(entry)
        await until(pilot, lambda: isinstance(pilot.app.screen, ReadingScreen))
        await until(pilot, lambda: "Rolling restart" in screen_text(pilot))
        keys = {each.binding.description for each in pilot.app.screen.active_bindings.values()}
        assert "Export" in keys
        assert "Walk" not in keys


async def test_nobody_is_asked_while_nobody_looks(tmp_path: Path) -> None:
    app, fleet = fleet_app(tmp_path)
    async with app.run_test() as pilot:
        await pilot.press("5")
        await until(pilot, lambda: fleet.followers == 1)
        await pilot.press("1")
        await until(pilot, lambda: fleet.followers == 0)
        await pilot.press("5")
        await until(pilot, lambda: fleet.followers == 1)
        await tell(pilot, view(*a_fleet()))
        await pilot.press("f5")
        assert fleet.looked == 1
    await app.close_services()


async def test_a_server_that_does_not_answer_is_told_above_the_rows(tmp_path: Path) -> None:
    fault = "http://prometheus.example.org does not answer within 4.5 s"
    said = view(*(doubted(each, fault) for each in a_fleet()), fault=fault)
    async with fleet_console(tmp_path, said) as pilot:
        assert f"? {fault}" in screen_text(pilot)
        assert "●" not in "".join(
            each for each in screen_text(pilot).splitlines() if "us-0" in each
        )


@pytest.mark.parametrize("size", [(30, 8), (66, 12), (120, 20), (200, 50)])
async def test_any_size_of_terminal_shows_the_worst_row(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with fleet_console(tmp_path, view(*a_fleet()), size=size) as pilot:
        await pilot.press("home")
        await pilot.pause()
        assert any(each.startswith(" ■ eu-07") for each in screen_text(pilot).splitlines())


async def test_there_is_no_fleet_screen_for_one_environment_alone(tmp_path: Path) -> None:
    every = environments()
    app, _ = fleet_app(tmp_path, server=False)
    app.services.fleet = type(app.services.fleet)(environments={"production": every["production"]})
    async with app.run_test() as pilot:
        app.services.watch.say(snapshot())  # type: ignore[attr-defined]
        await pilot.press("5")
        await settle(pilot)
        assert isinstance(app.screen, DashboardScreen)
    await app.close_services()


async def go_to(pilot: Pilot[int], name: str) -> None:
    """Move the cursor to the row of that name."""
    await pilot.press("home")
    for _ in range(shown(pilot).index(name)):
        await pilot.press("down")
    assert at_cursor(pilot) == name


def doubted(known: FleetRow, fault: str) -> FleetRow:
    from procedures.fleet.rows import doubted_row

    row = doubted_row(known, fault)
    assert row.state is State.UNKNOWN
    return row


async def test_the_palette_offers_only_what_can_be_done_here(tmp_path: Path) -> None:
    from tui.palette import ConsoleCommands

    plain, _ = fleet_app(tmp_path)
    target = plain.services.fleet.target("eu-07")
    async with fleet_console(tmp_path, view(*a_fleet()), environment=target) as pilot:
        offered = [title async for title, _, _ in ConsoleCommands(pilot.app.screen)._offers()]
    assert "Go to fleet" in offered
    assert "Go to procedures" not in offered
    assert not [title for title in offered if title.startswith("Walk: ")]
