"""How the log of a workload looks; what the pictures mean is asserted by the pilot tests."""

from collections.abc import Awaitable, Callable, Sequence

import pytest
from textual.app import App, ComposeResult
from textual.filter import LineFilter
from textual.pilot import Pilot

from procedures.targets.log_lines import LogLine, Severity, pieces, severity_of
from tui.theme import QUARTERDECK
from widgets.colourless import Colourless
from widgets.log_pane import LogPane

Compare = Callable[..., bool]

SERVICE = "llm-config-manager"
SIZES = [(80, 24), (200, 50)]
_TEXTS = (
    "INFO request completed method=GET status=200 took_ms=10",
    "DEBUG cache hit namespace=app/llm",
    "WARN second tier is slow took_ms=212 namespace=app/llm",
    "INFO request completed method=PUT status=204 took_ms=31 actor=ci",
    "ERROR connection to the database was refused attempt=3: is it running on db-1 and accepting "
    "connections on port 5432? The pool holds 0 of 20, 41 requests wait, the oldest for 9.8 s",
)
HOSTILE = (
    "\x1b[2J\x1b[1;1HINFO \x1b[31mred\x1b[0m \x1b]0;title\x07after a title",
    "INFO [bold]no markup[/bold] [/] [@click=app.quit]quit[/]",
    "WARN 漢字かな混じり文 e\u0301\u0302 \u202egnidaelsim\u202c \u200bunseen",
    "ERROR tab\there\rcarriage\x00null",
)


def said(number: int, text: str) -> LogLine:
    stamp = f"2026-11-23T14:{25 + number // 60:02}:{number % 60:02}.{number % 1000:03}Z"
    return LogLine(stamp, f"{SERVICE}-{1 + number % 2}", severity_of(text), text)


USUAL = [said(number, _TEXTS[number * 7 % 11 % 5]) for number in range(120)]


class Desk(App[None]):
    """One pane with a log in it."""

    def __init__(self, *, colourless: bool = False) -> None:
        super().__init__(ansi_color=False)
        self._colourless = colourless

    def compose(self) -> ComposeResult:
        yield LogPane()

    def get_line_filters(self) -> Sequence[LineFilter]:
        filters = super().get_line_filters()
        return [*filters, Colourless()] if self._colourless else filters

    def on_mount(self) -> None:
        self.register_theme(QUARTERDECK)
        self.theme = QUARTERDECK.name
        pane = self.query_one(LogPane)
        pane.begin(SERVICE, SERVICE)
        pane.focus()


async def following(pilot: Pilot[None]) -> None:
    pilot.app.query_one(LogPane).extend(USUAL)
    gone = LogLine("2026-11-23T14:27:01.000Z", "", Severity.UNKNOWN, "— a ended; waiting for it —")
    pilot.app.query_one(LogPane).extend([gone])


async def paused(pilot: Pilot[None]) -> None:
    await following(pilot)
    await pilot.press("space")
    pilot.app.query_one(LogPane).extend(USUAL * 10)


async def searched(pilot: Pilot[None]) -> None:
    await following(pilot)
    pilot.app.query_one(LogPane).search("request")
    await pilot.pause()
    await pilot.press("N", "N")


async def errors_only(pilot: Pilot[None]) -> None:
    await following(pilot)
    await pilot.press("f", "f")


async def wrapped(pilot: Pilot[None]) -> None:
    await following(pilot)
    await pilot.press("w")


async def hostile(pilot: Pilot[None]) -> None:
    long = "INFO " + "half a megabyte without an end 漢 " * 16_000
    texts = [*HOSTILE, *pieces(long)[:2], *HOSTILE]
    pilot.app.query_one(LogPane).extend([said(n, text) for n, text in enumerate(texts)])


STATES = [following, paused, searched, errors_only, wrapped, hostile]


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "200x50"])
@pytest.mark.parametrize("state", STATES, ids=lambda each: each.__name__)
def test_a_log(
    snap_compare: Compare,
    state: Callable[[Pilot[None]], Awaitable[None]],
    size: tuple[int, int],
) -> None:
    async def before(pilot: Pilot[None]) -> None:
        await state(pilot)
        await pilot.pause(0.3)

    assert snap_compare(Desk(), terminal_size=size, run_before=before)


def test_a_log_without_colours(snap_compare: Compare) -> None:
    async def before(pilot: Pilot[None]) -> None:
        await searched(pilot)
        await pilot.pause(0.3)

    assert snap_compare(Desk(colourless=True), terminal_size=(80, 24), run_before=before)
