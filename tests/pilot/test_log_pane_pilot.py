"""The pane of a log: it follows, stands still, searches and filters, whatever the lines hold."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.app import App, ComposeResult
from textual.pilot import Pilot

from procedures.targets.log_lines import LogLine, Severity, severity_of
from tui.theme import QUARTERDECK
from widgets.log_pane import LogPane


class PaneApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.register_theme(QUARTERDECK)
        self.theme = QUARTERDECK.name
        self.asked: list[object] = []

    def compose(self) -> ComposeResult:
        yield LogPane(id="log")

    def on_log_pane_search_asked(self, event: LogPane.SearchAsked) -> None:
        self.asked.append(event)

    def on_log_pane_save_asked(self, event: LogPane.SaveAsked) -> None:
        self.asked.append(event)

    @property
    def pane(self) -> LogPane:
        return self.query_one(LogPane)


@asynccontextmanager
async def paned(size: tuple[int, int] = (80, 12)) -> AsyncIterator[Pilot[None]]:
    app = PaneApp()
    async with app.run_test(size=size) as pilot:
        app.pane.begin("llm-config-manager", "llm-config-manager")
        app.pane.focus()
        await pilot.pause()
        yield pilot


def line(text: str, unit: str = "llm-config-manager-1") -> LogLine:
    return LogLine("2026-11-23T14:25:01.123Z", unit, severity_of(text), text)


def numbered(first: int, count: int) -> list[LogLine]:
    return [line(f"INFO line {number}") for number in range(first, first + count)]


def shown(pilot: Pilot[None]) -> list[str]:
    app = pilot.app
    assert isinstance(app, PaneApp)
    return [app.pane.render_line(y).text.rstrip() for y in range(app.pane.size.height)]


def pane(pilot: Pilot[None]) -> LogPane:
    assert isinstance(pilot.app, PaneApp)
    return pilot.app.pane


async def test_the_end_is_followed() -> None:
    async with paned() as pilot:
        pane(pilot).extend(numbered(0, 100))
        assert shown(pilot)[-1].endswith("line 99")
        pane(pilot).extend(numbered(100, 1))
        assert shown(pilot)[-1].endswith("line 100")
        assert "following · 101 of 101 lines" in shown(pilot)[0]


async def test_it_stands_still_while_new_lines_are_counted() -> None:
    async with paned() as pilot:
        pane(pilot).extend(numbered(0, 100))
        await pilot.press("space")
        before = shown(pilot)[1:]
        pane(pilot).extend(numbered(100, 1204))
        assert shown(pilot)[1:] == before
        assert "paused, 1,204 new" in shown(pilot)[0]
        await pilot.press("space")
        assert shown(pilot)[-1].endswith("line 1303")


async def test_scrolling_up_stands_still_and_down_to_the_end_follows_again() -> None:
    async with paned() as pilot:
        pane(pilot).extend(numbered(0, 30))
        await pilot.press("up", "up", "k")
        assert shown(pilot)[-1].endswith("line 26")
        assert "paused" in shown(pilot)[0]
        await pilot.press("down", "down", "j")
        assert pane(pilot).is_following
        await pilot.press("home")
        assert shown(pilot)[1].endswith("line 0")
        await pilot.press("pagedown")
        assert shown(pilot)[1].endswith("line 10")
        await pilot.press("end")
        assert pane(pilot).is_following


async def test_lines_that_left_the_window_are_gone_from_the_picture() -> None:
    async with paned() as pilot:
        pane(pilot).window._most_lines = 50
        pane(pilot).extend(numbered(0, 50))
        await pilot.press("home")
        pane(pilot).extend(numbered(50, 45))
        assert shown(pilot)[1].endswith("line 45")


async def test_words_are_found_upwards_then_on_and_back() -> None:
    async with paned() as pilot:
        lines = numbered(0, 300)
        for number in (40, 120, 200):
            lines[number] = line(f"INFO Needle {number}")
        pane(pilot).extend(lines)
        pane(pilot).search("needle")
        await pilot.pause()
        assert shown(pilot)[4].endswith("Needle 200")
        await pilot.press("N")
        assert shown(pilot)[4].endswith("Needle 120")
        await pilot.press("n")
        assert shown(pilot)[4].endswith("Needle 200")
        await pilot.press("n")
        await pilot.pause()
        assert "no match below" in shown(pilot)[0]
        assert ("Needle", "cursor") in pane(pilot)._rows[3]


async def test_only_errors_are_shown_and_all_again() -> None:
    async with paned() as pilot:
        pane(pilot).extend([*numbered(0, 50), line("WARN slow"), line("ERROR broken")])
        await pilot.press("f")
        assert [text[-4:] for text in shown(pilot)[1:3]] == ["slow", "oken"]
        await pilot.press("f")
        assert "errors only" in shown(pilot)[0]
        assert shown(pilot)[1].endswith("■ ERROR broken")
        assert shown(pilot)[2] == ""
        await pilot.press("f")
        assert "52 of 52 lines · 1 error" in shown(pilot)[0]


async def test_the_last_error_above_is_a_key_away() -> None:
    async with paned() as pilot:
        pane(pilot).extend([*numbered(0, 50), line("ERROR broken"), *numbered(51, 50)])
        await pilot.press("e")
        assert shown(pilot)[4].endswith("ERROR broken")
        await pilot.press("e")
        assert "no error above" in shown(pilot)[0]


async def test_a_long_line_is_cut_or_wrapped_and_all_of_it_can_be_read() -> None:
    async with paned((60, 8)) as pilot:
        text = " ".join(f"word{number:04}" for number in range(60))
        pane(pilot).extend([line("INFO first"), line(text)])
        assert "word0059" not in "".join(shown(pilot))
        await pilot.press("w")
        assert shown(pilot)[-1].endswith("word0059")
        read = set()
        for _ in range(40):
            read |= {word for row in shown(pilot)[1:] for word in row.split()}
            await pilot.press("up")
        joined = "".join("".join(row.split()) for row in shown(pilot)[1:])
        assert "first" in joined
        assert {"word0000", "word0030", "word0059"} <= read


async def test_a_cut_line_is_read_sideways() -> None:
    async with paned((40, 8)) as pilot:
        pane(pilot).extend([line("0123456789" * 10)])
        await pilot.press("right", "right")
        assert "2345678901" in shown(pilot)[1]
        await pilot.press("left", "left", "left")
        assert "0123456789" in shown(pilot)[1]


async def test_units_are_told_apart_by_name() -> None:
    async with paned() as pilot:
        pane(pilot).extend([line("one"), line("two", "llm-config-manager-2")])
        assert shown(pilot)[1].split()[1:] == ["1", "one"]
        assert shown(pilot)[2].split()[1:] == ["2", "two"]


async def test_nothing_in_a_line_steers_the_terminal_or_becomes_markup() -> None:
    hostile = "\x1b[2J\x1b]0;title\x07[bold]x[/bold]\u202egnp\x9b1mred \x00"
    async with paned() as pilot:
        pane(pilot).extend([line(hostile), line("x" * 16_384)])
        pane(pilot).search("x")
        await pilot.press("w")
        for y in range(pane(pilot).size.height):
            strip = pane(pilot).render_line(y)
            assert strip.cell_length == pane(pilot).size.width
            assert strip.text.isprintable()
        await pilot.press("home")
        assert "[bold]x[/bold]" in "".join(shown(pilot))


async def test_search_and_save_are_asked_of_the_screen() -> None:
    async with paned() as pilot:
        await pilot.press("slash", "s")
        await pilot.pause()
        app = pilot.app
        assert isinstance(app, PaneApp)
        assert [type(each) for each in app.asked] == [LogPane.SearchAsked, LogPane.SaveAsked]


async def test_another_log_begins_empty_and_keeps_the_level() -> None:
    async with paned() as pilot:
        pane(pilot).extend([line("ERROR old")])
        await pilot.press("f", "f")
        pane(pilot).begin("redis", "redis")
        assert "No line yet" in shown(pilot)[1]
        pane(pilot).extend([line("INFO quiet", "redis"), line("ERROR new", "redis")])
        assert shown(pilot)[1].endswith("ERROR new")
        assert pane(pilot).window.filter.least is Severity.ERROR


async def test_a_secret_in_a_line_is_masked_on_the_screen_and_in_the_clipboard() -> None:
    async with paned() as pilot:
        pane(pilot).secrets = ("hunter2-of-the-settings",)
        pane(pilot).extend(
            [line("ERROR login with hunter2-of-the-settings failed password=s3cr3t99")]
        )
        text = "".join(shown(pilot))
        assert "hunter2" not in text
        assert "s3cr3t99" not in text
        assert "••••" in text
        await pilot.press("c")
        assert "hunter2" not in pilot.app.clipboard
