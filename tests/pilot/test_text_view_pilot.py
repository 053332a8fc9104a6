"""A page shows every word of its text, whether or not it has to scroll."""

import pytest
from textual.app import App, ComposeResult

from widgets.text_view import TextView

WORDS = "Every command here only reads; a failed check is a finding, not a mishap."


class Page(App[None]):
    """One page that fills the terminal."""

    def compose(self) -> ComposeResult:
        yield TextView()

    @property
    def view(self) -> TextView:
        return self.query_one(TextView)

    def scrolls(self) -> bool:
        return self.view.show_vertical_scrollbar

    def words_in_sight(self) -> list[str]:
        """Return what is not hidden under the scroll bar."""
        width = self.view.scrollable_content_region.width
        rows = [self.view.render_line(y).crop(0, width).text for y in range(self.view.size.height)]
        return " ".join(rows).split()


@pytest.mark.parametrize("width", range(20, 36))
async def test_no_word_hides_under_the_scroll_bar(width: int) -> None:
    app = Page()
    async with app.run_test(size=(width, 6)) as pilot:
        app.view.show([[(WORDS, "text")]] * 4)
        await pilot.pause()
        assert app.scrolls()
        assert app.words_in_sight() == (WORDS.split() * 4)[: len(app.words_in_sight())]
        app.view.show([[(WORDS, "text")]])
        await pilot.pause()
        assert not app.scrolls()
        assert app.words_in_sight() == WORDS.split()


async def test_a_page_is_wrapped_anew_when_the_terminal_changes() -> None:
    app = Page()
    async with app.run_test(size=(80, 6)) as pilot:
        app.view.show([[(WORDS, "text")]] * 3)
        await pilot.pause()
        assert app.words_in_sight() == WORDS.split() * 3
        await pilot.resize_terminal(24, 6)
        await pilot.pause()
        assert app.words_in_sight() == (WORDS.split() * 3)[: len(app.words_in_sight())]
        assert len(app.words_in_sight()) > len(WORDS.split())
