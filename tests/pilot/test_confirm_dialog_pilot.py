"""A confirmation that cannot happen by accident."""

from dataclasses import replace

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Button, Input, Static

from procedures.reference.levels import Level
from widgets.confirm_dialog import ConfirmDialog, Decision, Question

CHANGE = Question(
    title="Restart [prod] now",
    level=Level.CHANGE,
    facts=(("Command", "docker restart [/red] $c"), ("Where", "production")),
)
DESTRUCTIVE = replace(CHANGE, level=Level.DESTRUCTIVE, typed="production")


class Asking(App[None]):
    """Asks one question and keeps the answer."""

    def __init__(self, question: Question, *, grace_s: float = 0.01) -> None:
        super().__init__()
        self.dialog = ConfirmDialog(question, grace_s=grace_s)
        self.answer: Decision | None = None

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self.keep)

    def keep(self, answer: Decision | None) -> None:
        self.answer = answer


async def until_listening(pilot: Pilot[None]) -> None:
    app = pilot.app
    assert isinstance(app, Asking)
    while not app.dialog.is_listening:
        await pilot.pause(0.02)


def may_confirm(app: Asking) -> bool:
    return not app.screen.query_one("#confirm", Button).disabled


async def test_cancel_has_the_focus_and_enter_means_no() -> None:
    app = Asking(CHANGE)
    async with app.run_test() as pilot:
        await until_listening(pilot)
        assert isinstance(app.focused, Button)
        assert app.focused.id == "cancel"
        await pilot.press("enter")
        assert app.answer is not None
        assert not app.answer.confirmed


@pytest.mark.parametrize("key", ["enter", "escape", "y", "space", "tab"])
async def test_a_key_on_its_way_before_the_dialog_was_seen_answers_nothing(key: str) -> None:
    app = Asking(CHANGE, grace_s=3600)
    async with app.run_test() as pilot:
        assert not app.dialog.is_listening
        await pilot.press(key, key)
        assert app.answer is None
        assert app.screen is app.dialog


async def test_early_keys_do_not_type_into_the_word_to_confirm() -> None:
    app = Asking(DESTRUCTIVE, grace_s=3600)
    async with app.run_test() as pilot:
        await pilot.press("tab", *"production", "enter")
        assert app.answer is None
        assert app.screen.query_one("#typed", Input).value == ""


async def test_a_change_is_confirmed_by_its_button() -> None:
    app = Asking(CHANGE)
    async with app.run_test() as pilot:
        await until_listening(pilot)
        await pilot.press("tab", "enter")
        assert app.answer == Decision(confirmed=True)


async def test_a_destructive_step_needs_the_exact_name() -> None:
    app = Asking(DESTRUCTIVE)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_listening(pilot)
        app.screen.query_one("#typed", Input).focus()
        await pilot.press(*"productio", "enter")
        assert app.answer is None
        assert not may_confirm(app)
        await pilot.press("n")
        assert may_confirm(app)
        await pilot.press("enter")
        assert app.answer == Decision(confirmed=True, typed="production")


async def test_a_failed_precondition_blocks_until_a_reason_is_written() -> None:
    app = Asking(replace(CHANGE, blocked="health: unhealthy", may_override=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_listening(pilot)
        assert app.screen.query_one("#confirm", Button).disabled
        app.screen.query_one("#reason", Input).focus()
        await pilot.press(*"known", "enter")
        assert app.answer == Decision(confirmed=True, reason="known")


async def test_a_blocked_step_that_may_not_be_overridden_cannot_be_confirmed() -> None:
    app = Asking(replace(CHANGE, blocked="health: unhealthy"))
    async with app.run_test() as pilot:
        await until_listening(pilot)
        assert app.screen.query_one("#confirm", Button).disabled
        assert not app.screen.query("#reason")


async def test_commands_are_shown_as_they_are() -> None:
    app = Asking(CHANGE)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_listening(pilot)
        facts = "\n".join(str(each.visual) for each in app.screen.query(".fact").results(Static))
        assert "docker restart [/red] $c" in facts
