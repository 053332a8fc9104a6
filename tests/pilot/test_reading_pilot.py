"""Reading a whole document: links, headings, methods, export."""

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from procedures.environment import Method
from tests.scripted import scripted_console, settle
from tests.shelves import write
from tests.walking import on_top
from tui.screens.reading import ReadingScreen
from tui.screens.walk import WalkScreen
from widgets.document_view import DocumentView
from widgets.text_dialog import TextDialog

PROSE = """\
See [the other one](other.md), [the site](https://example.org/x) and [below](#one).

| Column | Meaning |
|---|---|
| a | first |

```sh {method=docker}
docker ps
```

```sh {method=systemd}
systemctl status
```
"""


async def reading(pilot: Pilot[int], name: str = "main") -> DocumentView:
    await pilot.press("3")
    await settle(pilot)
    await pilot.press("slash", *name, "enter", "v")
    await settle(pilot)
    assert isinstance(pilot.app.screen, ReadingScreen)
    return pilot.app.screen.query_one(DocumentView)


def text(view: DocumentView) -> str:
    return "\n".join("".join(span for span, _ in line) for line in view.lines)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    place = tmp_path / "runbooks"
    path = write(place, "main", when="CacheDown")
    body = path.read_text().replace("Some prose.\n", "").replace("### Look", f"### Look\n\n{PROSE}")
    path.write_text(body.replace("```sh\ntrue\n```\n", ""))
    write(place, "other", prose="I am the other.")
    return place


async def test_the_whole_document_is_shown_with_its_facts(tmp_path: Path, place: Path) -> None:
    app, _ = scripted_console(tmp_path / "state", procedures=[place])
    async with app.run_test(size=(100, 40)) as pilot:
        shown = text(await reading(pilot))
        assert "for       CacheDown" in shown
        assert "Column │ Meaning" in shown
        assert "› Look" in shown


async def test_only_the_commands_of_this_method_are_shown_until_m_is_pressed(
    tmp_path: Path, place: Path
) -> None:
    app, _ = scripted_console(tmp_path / "state", procedures=[place], method=Method.DOCKER)
    async with app.run_test(size=(100, 40)) as pilot:
        view = await reading(pilot)
        assert "docker ps" in text(view)
        assert "systemctl status" not in text(view)
        await pilot.press("m")
        await settle(pilot)
        assert "systemctl status" in text(view)


async def test_tab_and_enter_follow_a_link_and_escape_comes_back(
    tmp_path: Path, place: Path
) -> None:
    app, _ = scripted_console(tmp_path / "state", procedures=[place])
    async with app.run_test(size=(100, 40)) as pilot:
        first = await reading(pilot)
        await pilot.press("tab", "enter")
        await settle(pilot)
        second = pilot.app.screen.query_one(DocumentView)
        assert second is not first
        assert "I am the other." in text(second)
        await pilot.press("escape")
        await settle(pilot)
        assert pilot.app.screen.query_one(DocumentView) is first


async def test_an_address_of_elsewhere_is_copied_and_not_opened(
    tmp_path: Path, place: Path
) -> None:
    app, _ = scripted_console(tmp_path / "state", procedures=[place])
    async with app.run_test(size=(100, 40)) as pilot:
        await reading(pilot)
        await pilot.press("tab", "tab", "enter")
        await settle(pilot)
        assert app.clipboard == "https://example.org/x"
        assert isinstance(pilot.app.screen, ReadingScreen)


async def test_a_link_to_nowhere_says_so(tmp_path: Path, place: Path) -> None:
    (place / "cache" / "other.md").unlink()
    app, _ = scripted_console(tmp_path / "state", procedures=[place])
    async with app.run_test(size=(100, 40)) as pilot:
        await reading(pilot)
        await pilot.press("tab", "enter")
        await settle(pilot)
        assert [each.message for each in app._notifications] == ["There is no procedure other."]


async def test_w_walks_what_is_read(tmp_path: Path, place: Path) -> None:
    app, _ = scripted_console(tmp_path / "state", procedures=[place])
    async with app.run_test(size=(100, 40)) as pilot:
        await reading(pilot, "other")
        await pilot.press("w")
        await settle(pilot)
        assert isinstance(pilot.app.screen, WalkScreen)


@pytest.mark.parametrize(("suffix", "begins"), [(".md", "# Main"), (".html", "<!doctype html>")])
async def test_e_exports_to_a_new_file(
    tmp_path: Path, place: Path, suffix: str, begins: str
) -> None:
    target = tmp_path / f"out{suffix}"
    app, _ = scripted_console(tmp_path / "state", procedures=[place])
    async with app.run_test(size=(100, 40)) as pilot:
        await reading(pilot)
        await pilot.press("e")
        dialog = await on_top(pilot, TextDialog)
        dialog.query_one(Input).value = str(target)
        await pilot.press("enter")
        await settle(pilot)
        assert target.read_text().startswith(begins)


async def test_a_page_that_is_read_follows_its_file(tmp_path: Path, place: Path) -> None:
    path = place / "cache" / "other.md"
    app, _ = scripted_console(tmp_path / "state", procedures=[place])
    async with app.run_test(size=(100, 40)) as pilot:
        view = await reading(pilot, "other")
        path.write_text(path.read_text().replace("I am the other.", "I have changed altogether."))
        screen = pilot.app.screen
        assert isinstance(screen, ReadingScreen)
        screen._look_again()
        await settle(pilot)
        assert "I have changed altogether." in text(view)
