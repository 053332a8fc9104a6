"""A list repaints the cells that changed, and no others."""

from textual.app import App, ComposeResult
from textual.geometry import Region

from tui.theme import QUARTERDECK
from widgets.line_list import LineList
from widgets.strips import Line


class Watched(LineList[str]):
    """A list that notes what it repaints."""

    def __init__(self) -> None:
        super().__init__(draw)
        self.painted: list[Region] = []

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> "Watched":
        self.painted += regions or (Region(0, 0, *self.size),)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)


def draw(row: str, width: int, at_cursor: bool) -> Line:
    return [(f"{row:<{width}}", "cursor" if at_cursor else "text")]


class ListApp(App[None]):
    """One list."""

    def __init__(self) -> None:
        super().__init__()
        self.register_theme(QUARTERDECK)
        self.theme = QUARTERDECK.name

    def compose(self) -> ComposeResult:
        yield Watched()


async def test_only_the_cells_that_changed_are_painted() -> None:
    app = ListApp()
    async with app.run_test(size=(40, 5)) as pilot:
        listed = app.query_one(Watched)
        rows = [f"row {number:02}" for number in range(20)]
        listed.show(rows)
        await pilot.pause()
        listed.painted.clear()
        listed.show(["row 00", "row 91", *rows[2:15], "row 99", *rows[16:]])
        assert listed.painted == [Region(4, 1, 1, 1)]
        await pilot.pause()
        assert listed.render_line(1).text.startswith("row 91")
        assert listed.render_line(2).text.startswith("row 02")


async def test_a_row_that_is_drawn_the_same_is_not_painted() -> None:
    app = ListApp()
    async with app.run_test(size=(40, 5)) as pilot:
        listed = app.query_one(Watched)
        listed.show(["one", "two"])
        await pilot.pause()
        listed.painted.clear()
        listed.show(["one", "two "])
        assert listed.painted == []


async def test_after_scrolling_the_place_of_a_change_is_that_in_view() -> None:
    app = ListApp()
    async with app.run_test(size=(40, 5)) as pilot:
        listed = app.query_one(Watched)
        rows = [f"row {number:02}" for number in range(20)]
        listed.show(rows)
        listed.action_edge(1)
        await pilot.pause()
        top = listed.scroll_offset.y
        listed.painted.clear()
        listed.show([*rows[:16], "row X6", *rows[17:]])
        assert listed.painted == [Region(4, 16 - top, 1, 1)]
