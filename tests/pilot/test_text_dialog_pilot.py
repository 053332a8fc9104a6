"""One line is asked for; a secret is not seen while it is typed."""

import pytest
from textual.app import App

from widgets.text_dialog import TextDialog


class Asking(App[None]):
    """Asks once and keeps the answer."""

    def __init__(self, dialog: TextDialog) -> None:
        super().__init__()
        self.dialog = dialog
        self.answers: list[str | None] = []

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self.answers.append)


async def test_text_is_given_back_without_blanks_around_it() -> None:
    app = Asking(TextDialog("Note", "For the [record]"))
    async with app.run_test() as pilot:
        await pilot.press("enter", "space", "a", "space", "b", "space", "enter")
        assert app.answers == ["a b"]


async def test_a_secret_shows_as_dots_and_is_given_back_as_it_was_typed() -> None:
    dialog = TextDialog("passcode", "For the vault", secret=True)
    app = Asking(dialog)
    async with app.run_test() as pilot:
        await pilot.press("h", "u", "n", "t", "e", "r", "space", "2", "space")
        shown = app.export_screenshot()
        assert "hunter" not in shown.replace("&#160;", " ")
        assert "•" * 9 in shown
        assert "hunter" not in repr(dialog)
        await pilot.press("enter")
        assert app.answers == ["hunter 2 "]


@pytest.mark.parametrize("secret", [False, True])
async def test_escape_answers_nothing(secret: bool) -> None:
    app = Asking(TextDialog("Note", "For the record", secret=secret))
    async with app.run_test() as pilot:
        await pilot.press("x", "escape")
        assert app.answers == [None]
