"""A terminal on the screen takes every key but one, and shows what a command prints."""

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding

from widgets.terminal_view import LEAVE_KEY, TerminalView


class Desk(App[None]):
    """One terminal that fills the screen, in an app whose own keys have priority."""

    BINDINGS = [
        Binding("enter", "steal", priority=True),
        Binding("ctrl+p", "steal", priority=True),
        Binding("q", "steal"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.typed = b""
        self.sizes: list[tuple[int, int]] = []
        self.left = 0
        self.stolen = 0

    def compose(self) -> ComposeResult:
        yield TerminalView()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave every key to the terminal while it has the focus."""
        return not isinstance(self.focused, TerminalView)

    def action_steal(self) -> None:
        self.stolen += 1

    def on_terminal_view_typed(self, message: TerminalView.Typed) -> None:
        self.typed += message.data

    def on_terminal_view_resized(self, message: TerminalView.Resized) -> None:
        self.sizes.append((message.rows, message.cols))

    def on_terminal_view_left(self) -> None:
        self.left += 1

    @property
    def view(self) -> TerminalView:
        return self.query_one(TerminalView)

    def rows(self) -> list[str]:
        return [self.view.render_line(y).text.rstrip() for y in range(self.view.size.height)]


@pytest.mark.parametrize(
    ("keys", "data"),
    [
        ("a é space", "aé ".encode()),
        ("enter tab backspace escape", b"\r\t\x7f\x1b"),
        ("ctrl+c ctrl+d ctrl+q ctrl+p ctrl+z", b"\x03\x04\x11\x10\x1a"),
        ("up down right left home end", b"\x1b[A\x1b[B\x1b[C\x1b[D\x1b[H\x1b[F"),
        ("ctrl+left shift+up", b"\x1b[1;5D\x1b[1;2A"),
        ("f1 f5 f12 delete pageup insert", b"\x1bOP\x1b[15~\x1b[24~\x1b[3~\x1b[5~\x1b[2~"),
        ("alt+b alt+left shift+tab", b"\x1bb\x1b[1;3D\x1b[Z"),
        ("q 1 question_mark", b"q1?"),
    ],
)
async def test_every_key_is_typed_into_the_terminal(keys: str, data: bytes) -> None:
    app = Desk()
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.focus()
        await pilot.press(*keys.split())
        await pilot.pause()
        assert app.typed == data
        assert (app.stolen, app.left) == (0, 0)


async def test_one_key_leaves_it() -> None:
    app = Desk()
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.focus()
        await pilot.press(LEAVE_KEY)
        await pilot.pause()
        assert (app.left, app.typed) == (1, b"")
        assert "Ctrl+] leaves" in str(app.view.border_subtitle)


async def test_arrows_take_the_form_that_a_program_asked_for() -> None:
    app = Desk()
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.focus()
        app.view.feed(b"\x1b[?1h")
        await pilot.press("up")
        await pilot.pause()
        assert app.typed == b"\x1bOA"


async def test_what_is_pasted_cannot_end_its_brackets() -> None:
    app = Desk()
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.focus()
        app.view.feed(b"\x1b[?2004h")
        app.view.post_message(events.Paste("one\ntwo\x1b[201~; rm"))
        await pilot.pause()
        assert app.typed == b"\x1b[200~one\rtwo[201~; rm\x1b[201~"


async def test_its_size_is_told_at_once_and_after_each_change() -> None:
    app = Desk()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        await pilot.resize_terminal(30, 8)
        await pilot.pause()
        assert app.sizes == [(8, 38), (6, 28)]


async def test_it_shows_what_is_printed_and_nothing_that_steers() -> None:
    app = Desk()
    async with app.run_test(size=(40, 6)) as pilot:
        app.view.feed("one \x1b[1mtwo\x1b[m 漢字e\u0301\x1b]52;c;eA==\x07\r\nx\x9b31my".encode())
        await pilot.pause()
        assert app.rows()[0] == "one two 漢字e\u0301"
        assert all(row.isprintable() for row in app.rows())
        assert all(app.view.render_line(y).cell_length == 38 for y in range(4))


async def test_one_looks_back_and_the_view_stands_still_until_a_key_is_typed() -> None:
    app = Desk()
    async with app.run_test(size=(40, 6)) as pilot:
        app.view.focus()
        await pilot.pause()
        app.view.feed(b"\r\n".join(b"%d" % n for n in range(100)))
        assert app.rows() == ["96", "97", "98", "99"]
        await pilot.press("shift+pageup")
        assert app.rows() == ["94", "95", "96", "97"]
        app.view.feed(b"\r\nmore")
        assert app.rows() == ["94", "95", "96", "97"]
        await pilot.press("x")
        assert app.rows() == ["97", "98", "99", "more"]


@pytest.mark.parametrize(
    "character", ["\u2764\ufe0f", "\U0001f468\u200d\U0001f469", "\U0001fae8", "\u1175"]
)
async def test_characters_of_uncertain_width_do_not_shift_the_rest(character: str) -> None:
    app = Desk()
    async with app.run_test(size=(40, 6)) as pilot:
        await pilot.pause()
        app.view.feed(f"{character}|".encode())
        assert app.view.render_line(0).cell_length == 38
        place = app.view.screen_shown.cursor
        assert place
        assert app.view.render_line(0).crop(place[1] - 1, place[1]).text == "|"
