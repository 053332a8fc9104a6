"""Finding a procedure on the console: browsing, searching, and documents that change or break."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from procedures.library.library import Library
from procedures.signals.values import Alerts
from tests.scripted import NOW, alert, scripted_console, settle, snapshot
from tests.shelves import write
from tui.app import ConsoleApp
from tui.screens.procedures import ProceduresScreen
from tui.screens.reading import ReadingScreen
from tui.screens.walk import WalkScreen
from widgets.banner import Banner
from widgets.document_view import DocumentView
from widgets.line_list import LineList
from widgets.procedure_line import ProcedureRow


@pytest.fixture
def place(tmp_path: Path) -> Path:
    place = tmp_path / "runbooks"
    write(place, "cache-flush", when="CacheDown", command="redis-cli FLUSHALL-TEST")
    write(place, "warm-up", summary="Fill the cache again.", severity="P4")
    write(place, "rolling-restart", theme="startup", roles="operations")
    return place


def console(tmp_path: Path, place: Path) -> ConsoleApp:
    return scripted_console(tmp_path / "state", procedures=[place])[0]


def rows(pilot: Pilot[int]) -> list[str]:
    """Return id, heading or title of each row of the list."""
    shown: list[str] = []
    for row in listing(pilot).rows:
        if row.entry is not None:
            if row.entry.theme != "reference":
                shown.append(row.entry.id)
        elif row.group != "reference":
            shown.append(f"[{row.group}]")
    return shown


def listing(pilot: Pilot[int]) -> "LineList[ProcedureRow]":
    return pilot.app.screen.query_one("#procedures", LineList)


def reading_text(pilot: Pilot[int]) -> str:
    lines = pilot.app.screen.query_one(DocumentView).lines
    return "\n".join("".join(text for text, _ in line) for line in lines)


async def opened(pilot: Pilot[int]) -> None:
    await pilot.press("3")
    await settle(pilot)


async def test_documents_stand_below_their_themes(tmp_path: Path, place: Path) -> None:
    async with console(tmp_path, place).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        assert rows(pilot) == [
            "[cache]", "cache-flush", "warm-up", "[startup]", "rolling-restart"]  # fmt: skip
        assert "by theme" in pilot.app.screen.query_one(Banner).note


@pytest.mark.parametrize(
    ("presses", "expected"),
    [
        (1, ["[CacheDown]", "cache-flush", "[other]", "warm-up", "rolling-restart"]),
        (2, ["[P3]", "cache-flush", "rolling-restart", "[P4]", "warm-up"]),
        (3, ["[on-call]", "cache-flush", "warm-up", "[operations]", "rolling-restart"]),
    ],
)
async def test_one_key_browses_by_alert_severity_and_role(
    tmp_path: Path, place: Path, presses: int, expected: list[str]
) -> None:
    async with console(tmp_path, place).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press(*["b"] * presses)
        await settle(pilot)
        named = [row for row in rows(pilot) if row in expected]
        assert named == expected


async def test_a_group_folds_and_opens_and_is_jumped_to(tmp_path: Path, place: Path) -> None:
    async with console(tmp_path, place).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("home", "enter")
        await settle(pilot)
        assert rows(pilot) == ["[cache]", "[startup]", "rolling-restart"]
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("right_square_bracket", "right_square_bracket")
        row = listing(pilot).row
        assert row is not None
        assert row.group == "startup"


async def test_each_key_of_a_search_is_answered_and_escape_shows_all_again(
    tmp_path: Path, place: Path
) -> None:
    async with console(tmp_path, place).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("slash", *"flushall")
        await settle(pilot)
        assert rows(pilot) == ["cache-flush"]
        await pilot.press("escape")
        await settle(pilot)
        assert len(rows(pilot)) == 5
        assert listing(pilot).has_focus


async def test_what_is_typed_in_one_burst_with_the_slash_is_not_lost(
    tmp_path: Path, place: Path
) -> None:
    app = console(tmp_path, place)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        for key in ("slash", *"flushall", "slash"):
            character = "/" if key == "slash" else key
            app.post_message(events.Key(key, character))
        await settle(pilot)
        assert pilot.app.screen.query_one("#search", Input).value == "flushall/"


async def test_enter_goes_from_the_field_to_what_was_found_and_opens_it(
    tmp_path: Path, place: Path
) -> None:
    async with console(tmp_path, place).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("slash", *"restrt")
        await settle(pilot)
        await pilot.press("enter", "enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, WalkScreen)


async def test_digits_and_letters_typed_into_the_field_are_no_commands(
    tmp_path: Path, place: Path
) -> None:
    async with console(tmp_path, place).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("slash", *"b1v")
        await settle(pilot)
        assert isinstance(pilot.app.screen, ProceduresScreen)
        assert pilot.app.screen.query_one("#search", Input).value == "b1v"


async def test_a_broken_document_shows_its_error_in_its_place_and_opens_to_all_of_it(
    tmp_path: Path, place: Path
) -> None:
    path = place / "cache" / "warm-up.md"
    path.write_text(path.read_text().replace("[P4]", "[P7]").replace("summary", "sumary"))
    async with console(tmp_path, place).run_test(size=(120, 24)) as pilot:
        await opened(pilot)
        assert rows(pilot)[2] == "warm-up"
        await pilot.press("slash", *"warm-up", "enter", "v")
        await settle(pilot)
        assert isinstance(pilot.app.screen, ReadingScreen)
        text = reading_text(pilot)
        assert "unknown key 'sumary'" in text
        assert "unknown severity 'P7'" in text


async def test_a_file_that_changes_is_shown_as_it_is_now(tmp_path: Path, place: Path) -> None:
    path = place / "cache" / "warm-up.md"
    async with console(tmp_path, place).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        path.write_text(path.read_text().replace("Fill the cache again.", "Something else."))
        os.utime(path, ns=(1, 1))
        screen = pilot.app.screen
        assert isinstance(screen, ProceduresScreen)
        screen.action_reload()
        await settle(pilot)
        summaries = [row.entry.summary for row in listing(pilot).rows if row.entry]
        assert "Something else." in summaries


async def test_a_change_is_noticed_without_being_asked_for(tmp_path: Path, place: Path) -> None:
    path = place / "cache" / "warm-up.md"
    async with console(tmp_path, place).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, ProceduresScreen)
        before = listing(pilot).rows
        screen._look_again()
        await settle(pilot)
        assert listing(pilot).rows is before
        path.write_text(path.read_text().replace("Fill the cache again.", "Something else."))
        os.utime(path, ns=(1, 1))
        screen._next_look = 0.0
        screen._look_again()
        await settle(pilot)
        summaries = [row.entry.summary for row in listing(pilot).rows if row.entry]
        assert "Something else." in summaries


async def test_a_document_that_changed_after_it_was_opened_is_shown_again_before_it_begins(
    tmp_path: Path, place: Path
) -> None:
    path = place / "cache" / "warm-up.md"
    async with console(tmp_path, place).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("slash", *"warm-up", "enter", "enter")
        await settle(pilot)
        path.write_text(path.read_text().replace("title: Warm up", "title: Warm up slowly"))
        await pilot.press("enter")
        await settle(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, WalkScreen)
        assert screen.run_shown is None
        assert screen.query_one("#title", Banner).title == "Warm up slowly"
        await pilot.press("enter")
        await settle(pilot)
        assert screen.run_shown is not None


async def test_a_reference_page_is_found_and_read(tmp_path: Path, place: Path) -> None:
    async with console(tmp_path, place).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("slash", *"emergency hotline", "enter", "enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, ReadingScreen)
        assert "+1-555-0100" in reading_text(pilot)


async def test_a_shelf_without_documents_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    async with console(tmp_path, tmp_path / "empty").run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("slash", *"zzzz")
        await settle(pilot)
        assert "Nothing is found" in listing(pilot).render_line(0).text


async def test_the_cursor_stays_on_its_document_when_others_come(
    tmp_path: Path, place: Path
) -> None:
    async with console(tmp_path, place).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("end")
        before = listing(pilot).row
        write(place, "a-new-one")
        screen = pilot.app.screen
        assert isinstance(screen, ProceduresScreen)
        screen.action_reload()
        await settle(pilot)
        after = listing(pilot).row
        assert before is not None
        assert after is not None
        assert (before.entry, before.group) == (after.entry, after.group)
        assert "a-new-one" in rows(pilot)


async def test_g_on_an_alert_goes_to_what_it_names_itself(tmp_path: Path, place: Path) -> None:
    app, watch = scripted_console(tmp_path / "state", procedures=[place])
    named = alert("CacheDown")
    annotated = {**named.annotations, "runbook_url": "https://wiki/startup/rolling-restart.md"}
    async with app.run_test(size=(80, 24)) as pilot:
        for item, title in ((named, "Cache flush"), (replace(named, annotations=annotated), "Rol")):
            watch.say(snapshot(alerts=Alerts(items=(item,), source="prometheus", at=NOW)))
            await pilot.press("2")
            await settle(pilot)
            await pilot.press("g")
            await settle(pilot)
            assert isinstance(pilot.app.screen, WalkScreen)
            assert pilot.app.screen.query_one("#title", Banner).title.startswith(title)
            await pilot.press("escape")
            await settle(pilot)


async def test_g_on_an_alert_that_nobody_knows_says_so(tmp_path: Path, place: Path) -> None:
    app, watch = scripted_console(tmp_path / "state", procedures=[place])
    async with app.run_test(size=(80, 24)) as pilot:
        unheard = Alerts(items=(alert("Unheard"),), source="prometheus", at=NOW)
        watch.say(snapshot(alerts=unheard))
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("g")
        await settle(pilot)
        assert [each.message for each in app._notifications] == ["No procedure names Unheard."]


async def test_the_shipped_catalogue_has_no_broken_document(tmp_path: Path) -> None:
    app, _ = scripted_console(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        assert not [row for row in listing(pilot).rows if row.entry and row.entry.problem]


def test_the_library_is_what_the_console_shows(place: Path) -> None:
    assert len(Library([place]).read_all().entries) == 3
