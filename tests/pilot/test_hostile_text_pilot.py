"""What others have written reaches the terminal as text, in dialogs and messages too."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.screen import ModalScreen
from textual.widget import Widget

from procedures.reference.levels import Level
from tests.scripted import scripted_console, settle, snapshot
from widgets.choice_dialog import ChoiceDialog
from widgets.confirm_dialog import ConfirmDialog, Question
from widgets.text_dialog import TextDialog

HOSTILE = "a\x1b[31mred\x1b]52;c;aGk=\x07 \x9b2J[bold]b[/bold]\u202ec"


def sent(root: Widget) -> Iterator[str]:
    """Yield every piece of text that ``root`` would send to the terminal."""
    for widget in [root, *root.query(Widget)]:
        for y in range(widget.size.height):
            yield from (segment.text for segment in widget.render_line(y))
        for title in (widget.border_title, widget.border_subtitle):
            yield str(title or "")


QUESTION = Question(
    title=HOSTILE,
    level=Level.DESTRUCTIVE,
    facts=((HOSTILE, HOSTILE),),
    typed="here",
    blocked=HOSTILE,
    may_override=True,
)


@pytest.mark.parametrize(
    "dialog",
    [
        lambda: ConfirmDialog(QUESTION),
        lambda: ChoiceDialog(HOSTILE, (HOSTILE,), about=HOSTILE),
        lambda: TextDialog(HOSTILE, HOSTILE, value=HOSTILE),
    ],
    ids=["confirm", "choice", "text"],
)
async def test_a_dialog_shows_what_was_written_and_obeys_none_of_it(
    tmp_path: Path, dialog: "type[ModalScreen[object]]"
) -> None:
    app, watch = scripted_console(tmp_path)
    async with app.run_test(size=(100, 30)) as pilot:
        watch.say(snapshot())
        await settle(pilot)
        await app.push_screen(dialog())
        app.notify(HOSTILE, title=HOSTILE)
        await pilot.pause()
        text = "".join(sent(app.screen))
        assert "red" in text
        assert not {"\x1b", "\x9b", "\x07", "\u202e"} & set(text)
