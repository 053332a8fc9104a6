"""How what runs looks: its table, its log, its details, what changed, and what can be done."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import pytest
from textual.pilot import Pilot

from procedures.errors import SourceError
from procedures.targets.log_lines import LogLine, severity_of
from tests.live_console import screen_text, until
from tests.scripted_target import ScriptedTarget
from tests.service_console import a_bad_night, a_console, show_service
from widgets.choice_dialog import ChoiceDialog
from widgets.log_pane import LogPane

Compare = Callable[..., bool]
Before = Callable[[Pilot[int]], Awaitable[None]]

SIZES = pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=["80x24", "200x50"])
PODS = ("2dgz5", "b9l8x", "qq7rt")


def a_log() -> Mapping[str, Sequence[LogLine]]:
    said = [
        "INFO llm_config_server::api request completed method=GET status=200 took_ms=10",
        "WARN llm_config_server::cache second tier is slow took_ms=212 namespace=app/llm",
        "ERROR llm_config_server::storage connection to the database was refused attempt=3",
        "\x1b[31mred\x1b[0m [bold]not bold[/bold] \u202egnp 消息 wide",
    ]
    log: dict[str, list[LogLine]] = {}
    for number, pod in enumerate(PODS * 8):
        name = f"llm-config-manager-84c6847cb-{pod}"
        text = said[number % 7 % 4]
        stamp = f"2026-03-04T03:12:{10 + number:02}.120Z"
        log.setdefault(name, []).append(LogLine(stamp, name, severity_of(text), text))
    return log


def talking() -> ScriptedTarget:
    target = a_bad_night()
    target.logs = dict(a_log())
    return target


def show(
    compare: Compare, state_dir: Path, target: ScriptedTarget, size: tuple[int, int], before: Before
) -> None:
    async def run_before(pilot: Pilot[int]) -> None:
        await show_service(pilot)
        await before(pilot)
        await pilot.pause()

    assert compare(a_console(state_dir, target), terminal_size=size, run_before=run_before)


async def filled(pilot: Pilot[int]) -> None:
    pane = pilot.app.screen.query_one(LogPane)
    # What has come is painted a moment later, together with what comes meanwhile.
    await until(pilot, lambda: pane.window.came == 24 and not pane._is_resting)


@SIZES
def test_the_log_of_a_workload(
    snap_compare: Compare, tmp_path: Path, size: tuple[int, int]
) -> None:
    show(snap_compare, tmp_path, talking(), size, filled)


@SIZES
def test_a_log_that_is_searched_and_wrapped_alone_on_the_screen(
    snap_compare: Compare, tmp_path: Path, size: tuple[int, int]
) -> None:
    async def before(pilot: Pilot[int]) -> None:
        await filled(pilot)
        pilot.app.screen.query_one(LogPane).search("refused")
        await pilot.press("enter", "tab", "w")

    show(snap_compare, tmp_path, talking(), size, before)


def test_only_the_errors_of_a_log(snap_compare: Compare, tmp_path: Path) -> None:
    async def before(pilot: Pilot[int]) -> None:
        await filled(pilot)
        await pilot.press("tab", "f", "f")

    show(snap_compare, tmp_path, talking(), (80, 24), before)


@SIZES
def test_the_details_of_a_unit(
    snap_compare: Compare, tmp_path: Path, size: tuple[int, int]
) -> None:
    async def before(pilot: Pilot[int]) -> None:
        await pilot.press("down", "down", "down", "right_square_bracket")

    show(snap_compare, tmp_path, a_bad_night(), size, before)


@SIZES
def test_what_changed_recently(
    snap_compare: Compare, tmp_path: Path, size: tuple[int, int]
) -> None:
    async def before(pilot: Pilot[int]) -> None:
        await pilot.press("right_square_bracket", "right_square_bracket")
        await until(pilot, lambda: "revision 7" in screen_text(pilot))

    show(snap_compare, tmp_path, a_bad_night(), size, before)


def test_what_can_be_done(snap_compare: Compare, tmp_path: Path) -> None:
    async def before(pilot: Pilot[int]) -> None:
        await filled(pilot)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChoiceDialog))

    show(snap_compare, tmp_path, talking(), (80, 24), before)


def test_a_target_that_does_not_answer(snap_compare: Compare, tmp_path: Path) -> None:
    target = ScriptedTarget()
    target.fault = SourceError(
        "the API server of context prod does not answer within 10 s",
        fix="Look at its address in the kubeconfig, or wait",
    )

    async def before(pilot: Pilot[int]) -> None:
        await until(pilot, lambda: "does not answer within" in screen_text(pilot))

    show(snap_compare, tmp_path, target, (80, 24), before)
