"""The Service screen: what runs, what it is like, what changed, and what can be done about it."""

from dataclasses import replace
from pathlib import Path

from textual.pilot import Pilot

from procedures.environment import Method
from procedures.errors import SourceError
from procedures.targets.values import Place
from tests.live_console import notices, screen_text, until
from tests.scripted_target import SERVICE, ScriptedTarget, deployment, unit
from tests.service_console import a_bad_night, service_console
from tui.screens.service import ServiceScreen
from tui.screens.walk import WalkScreen
from widgets.choice_dialog import ChoiceDialog
from widgets.line_list import LineList
from widgets.text_dialog import TextDialog
from widgets.unit_line import UnitRow


def rows(pilot: Pilot[int]) -> list[UnitRow]:
    screen = pilot.app.screen
    assert isinstance(screen, ServiceScreen)
    return list(screen.query_one("#units", LineList).rows)


async def test_where_it_is_stands_above_what_runs(tmp_path: Path) -> None:
    async with service_console(tmp_path, a_bad_night()) as pilot:
        text = screen_text(pilot)
        assert "kubernetes · context prod · namespace llm-config" in text
        assert "CrashLoopBackOff" in text
        assert [row.name for row in rows(pilot) if not row.depth] == [
            SERVICE,
            "postgres",
            "redis",
        ]


async def test_details_follow_the_cursor(tmp_path: Path) -> None:
    async with service_console(tmp_path, a_bad_night(), size=(120, 50)) as pilot:
        await show_tab(pilot, "Details")
        await pilot.press("down", "down", "down")
        await until(pilot, lambda: "killed for want of memory 40 s ago" in screen_text(pilot))
        text = screen_text(pilot)
        assert "status 137, for want of memory" in text
        assert "disruption budgets: ada may not list them" in text


async def test_what_changed_recently_is_on_one_line_of_time(tmp_path: Path) -> None:
    async with service_console(tmp_path, a_bad_night(), size=(120, 40)) as pilot:
        await show_tab(pilot, "Changes")
        await until(pilot, lambda: "out of memory" in screen_text(pilot))
        text = screen_text(pilot)
        order = [text.index(word) for word in ("exit 137 ×14", "HighMemory", "1.4.1", "revision 7")]
        assert order == sorted(order)


async def test_a_target_that_does_not_answer_says_why_and_the_others_go_on(tmp_path: Path) -> None:
    dead = ScriptedTarget(
        place=Place(name="host", method=Method.SYSTEMD, where="this machine", service=SERVICE)
    )
    dead.fault = SourceError("systemctl is not installed here", fix="Install systemd")
    async with service_console(tmp_path, a_bad_night(), dead, size=(120, 40)) as pilot:
        await until(pilot, lambda: "systemctl is not installed here" in screen_text(pilot))
        await until(pilot, lambda: "CrashLoopBackOff" in screen_text(pilot))
        dead.fault = None
        dead.holdings = replace(dead.holdings, workloads=(deployment(unit("pg", "pg"), name="pg"),))
        await pilot.press("f5")
        await until(pilot, lambda: any(row.workload == "pg" for row in rows(pilot)))


async def test_an_action_becomes_a_document_to_walk(tmp_path: Path) -> None:
    async with service_console(tmp_path, a_bad_night()) as pilot:
        await pilot.press("a")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChoiceDialog))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, WalkScreen))
        walk = pilot.app.screen
        assert isinstance(walk, WalkScreen)
        (step,) = walk._procedure.steps
        assert step.commands[0].script == f"true restart {SERVICE} ''"


async def test_scaling_asks_to_how_many(tmp_path: Path) -> None:
    async with service_console(tmp_path, a_bad_night()) as pilot:
        await pilot.press("a")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChoiceDialog))
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, TextDialog))
        await pilot.press("backspace", "5", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, WalkScreen))
        walk = pilot.app.screen
        assert isinstance(walk, WalkScreen)
        assert walk._procedure.steps[0].commands[0].script == f"true scale {SERVICE} 5"
        assert walk._procedure.steps[-1].checks[0].text == f"workload {SERVICE} has 5 ready"


async def test_what_cannot_be_done_says_why(tmp_path: Path) -> None:
    async with service_console(tmp_path, a_bad_night()) as pilot:
        await pilot.press("a")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChoiceDialog))
        await pilot.press("end", "enter")
        await until(pilot, lambda: "one revision only" in notices(pilot))
        assert isinstance(pilot.app.screen, ServiceScreen)


async def test_a_console_that_only_looks_offers_no_action(tmp_path: Path) -> None:
    async with service_console(tmp_path, a_bad_night(), read_only=True) as pilot:
        await pilot.press("a")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ServiceScreen)
        assert "a Act" not in screen_text(pilot)


async def test_the_cursor_stays_on_its_unit_when_others_come(tmp_path: Path) -> None:
    target = a_bad_night()
    async with service_console(tmp_path, target) as pilot:
        await pilot.press("end")
        first, *others = target.holdings.workloads
        more = replace(first, units=(*first.units, unit(f"{SERVICE}-new")), wanted=4)
        target.holdings = replace(target.holdings, workloads=(more, *others))
        await pilot.press("f5")
        await until(pilot, lambda: len(rows(pilot)) == 7)
        table = pilot.app.screen.query_one("#units", LineList)
        assert table.row is not None
        assert table.row.workload == "redis"


async def test_enter_gives_the_pane_the_whole_screen_and_escape_takes_it_back(
    tmp_path: Path,
) -> None:
    async with service_console(tmp_path, a_bad_night()) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: not pilot.app.screen.query_one("#table").display)
        await pilot.press("escape")
        await until(pilot, lambda: bool(pilot.app.screen.query_one("#table").display))


async def show_tab(pilot: Pilot[int], name: str) -> None:
    for _ in range(3):
        if f"[{name}]" in screen_text(pilot):
            return
        await pilot.press("right_square_bracket")
        await pilot.pause()
    raise AssertionError(f"there is no tab {name}")
