"""An open incident is seen on every screen."""

from pathlib import Path

from textual.pilot import Pilot

from procedures.clock import SystemClock
from procedures.environment import Environment, Method, Tier
from procedures.ledger.sqlite_ledger import SqliteLedger
from procedures.response.incidents import Severity, declared
from tests.scripted import NOW, FixedClock, ScriptedServices, settle
from tui.app import ConsoleApp
from tui.incident_desk import declare, resolve
from widgets.header_bar import HeaderBar
from widgets.text_dialog import TextDialog


def console(tmp_path: Path) -> ConsoleApp:
    environment = Environment(name="production", tier=Tier.PRODUCTION, method=Method.DOCKER)
    return ConsoleApp(ScriptedServices(environment, state_dir=tmp_path, clock=FixedClock()))


def header(pilot: Pilot[int]) -> str:
    bar = pilot.app.screen_stack[0].query_one(HeaderBar)
    return "\n".join(bar.render_line(y).text for y in range(2))


async def test_what_another_console_declared_is_in_the_header(tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "ledger.db", clock=FixedClock())
    fact = declared(Severity.P2, "writes fail", at=NOW, environment="production", by="bob")
    ledger.append(fact)
    ledger.close()
    app = console(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.look_for_incidents()
        await settle(pilot)
        app.screen.show_heading(app.heading())  # type: ignore[attr-defined]
        assert "■ P2 0s writes fail" in header(pilot)


async def test_declaring_and_resolving_are_recorded_and_shown(tmp_path: Path) -> None:
    app = console(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        app.run_worker(declare(app))
        await pilot.pause()
        await pilot.press("enter")
        while not isinstance(app.screen, TextDialog):
            await pilot.pause(0.02)
        await pilot.press(*"api down", "enter")
        await settle(pilot)
        (incident,) = app.incidents
        assert (incident.severity, incident.title) == (Severity.P1, "api down")
        assert app.heading().incidents == (incident,)
        app.run_worker(resolve(app, incident))
        await pilot.pause()
        await pilot.press(*"restarted", "enter")
        await settle(pilot)
        assert app.incidents == ()
    ledger = SqliteLedger(tmp_path / "ledger.db", clock=SystemClock())
    kinds = [event.kind for event in ledger.events(kind_prefix="incident.")]
    ledger.close()
    assert kinds == ["incident.declared", "incident.resolved"]
