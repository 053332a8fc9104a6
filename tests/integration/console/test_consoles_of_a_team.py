"""Two consoles whose record is a team's database, which may not answer in the middle of a step."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from procedures.clock import SystemClock
from procedures.environment import Environment, Method, Tier
from procedures.execution.policy.policy import Operator
from procedures.ledger.address import LedgerAddress
from procedures.ledger.choose import open_ledger
from procedures.ledger.postgres import line
from procedures.runbook.parser import parse
from tests.integration.ledger.cutting_proxy import CuttingProxy
from tests.live_console import notices, screen_text, until
from tests.postgres_server import PostgresServer
from tests.scripted import settle
from tests.walking import confirm, run_of, say
from tui.app import ConsoleApp
from tui.screens.walk import WalkScreen
from tui.services import Services
from widgets.header_bar import HeaderBar

pytestmark = pytest.mark.postgres

DOCUMENT = """\
---
id: one-change
title: One change
theme: common-issues
summary: Changes one thing, slowly.
methods: [docker]
duration: 5m
rollback: one-change
---

## Phase 1: Change {budget=2m}

### Change it

```sh {level=change affects="one thing" timeout=60s}
echo working; until [ -e "$GO" ]; do sleep 0.02; done
```

### Look at it

```sh
echo looked
```
"""


class Team:
    """A database, and the way to it, which can be cut."""

    def __init__(self, server: PostgresServer, tmp_path: Path) -> None:
        self._tmp_path = tmp_path
        self.proxy = CuttingProxy(server.port)
        self.go = tmp_path / "go"
        name = server.database()
        self.direct = server.address(name)
        self.through_proxy = server.address(name, port=self.proxy.port)

    @asynccontextmanager
    async def console(
        self, operator: str, address: LedgerAddress, *, run_id: str = ""
    ) -> AsyncIterator[Pilot[int]]:
        """Yield the hands of an operator on a machine of their own."""
        environment = Environment(
            name="here", tier=Tier.STAGING, method=Method.DOCKER, facts={"GO": str(self.go)}
        )
        services = Services(
            environment,
            clock=SystemClock(),
            state_dir=self._tmp_path / operator,
            ledger=address,
        )
        services.operator = Operator(name=operator)
        app = ConsoleApp(services)
        try:
            async with app.run_test(size=(110, 40)) as pilot:
                await settle(pilot)
                procedure = parse(DOCUMENT, Path("common-issues/one-change.md"))
                await app.push_screen(WalkScreen(procedure, run_id=run_id))
                await settle(pilot)
                yield pilot
        finally:
            await app.close_services()

    def kinds(self) -> list[str]:
        """Return the kinds of all events; the chain must be whole."""
        ledger = open_ledger(Path("unused"), self.direct, clock=SystemClock(), read_only=True)
        try:
            assert ledger.verify().broken_at is None
            return [event.kind for event in ledger.events()]
        finally:
            ledger.close()


@pytest.fixture
def team(
    tmp_path: Path, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Team]:
    monkeypatch.setattr(line, "REACH_S", 0.3)
    team = Team(postgres, tmp_path)
    yield team
    team.go.touch()
    team.proxy.close()


async def begin(pilot: Pilot[int]) -> None:
    await pilot.press("enter")
    await until(pilot, lambda: "0 of 2 steps done" in screen_text(pilot))
    await settle(pilot)


async def change_it(pilot: Pilot[int]) -> None:
    await pilot.press("enter")
    await confirm(pilot)
    await until(pilot, lambda: "working" in screen_text(pilot))


def troubles(pilot: Pilot[int]) -> tuple[str, ...]:
    heading = pilot.app.screen.query_one(HeaderBar).heading
    return heading.troubles if heading else ()


async def test_a_second_console_sees_each_turn_as_it_is_taken(team: Team) -> None:
    async with team.console("ada", team.direct) as pilot:
        await begin(pilot)
        run_id = run_of(pilot).id
        async with team.console("grace", team.direct, run_id=run_id) as watching:
            await until(watching, lambda: "ada drives" in screen_text(watching))
            await change_it(pilot)
            await until(watching, lambda: "▶ 1. Change it" in screen_text(watching), seconds=5)
            team.go.touch()
            await until(watching, lambda: "✓ 1. Change it" in screen_text(watching), seconds=5)
            assert "1 of 2 steps done" in screen_text(watching)


async def test_the_end_of_a_step_is_kept_shown_as_unshared_and_written_once(team: Team) -> None:
    async with team.console("ada", team.through_proxy) as pilot:
        await begin(pilot)
        await change_it(pilot)
        team.proxy.hang_up()
        team.go.touch()
        await until(pilot, lambda: "1 fact not yet shared" in screen_text(pilot))
        assert "✓ 1. Change it" in screen_text(pilot)
        assert "step.finished" not in team.kinds()
        await until(pilot, lambda: "ledger" in troubles(pilot))
        # What has to be decided waits for the others to be able to see it.
        pilot.app.clear_notifications()
        await pilot.press("s")
        await say(pilot, "why")
        await until(pilot, lambda: "the ledger 127.0.0.1" in notices(pilot))
        await settle(pilot)
        team.proxy.closed = False
        await until(pilot, lambda: "not yet shared" not in screen_text(pilot))
        await until(pilot, lambda: "ledger" not in troubles(pilot))
        await settle(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "completed" in screen_text(pilot))
    assert team.kinds().count("step.finished") == 2
    assert team.kinds()[-1] == "run.completed"


async def test_a_console_opens_while_the_database_is_away_and_goes_on_when_it_is_back(
    team: Team,
) -> None:
    team.proxy.hang_up()
    async with team.console("ada", team.through_proxy) as pilot:
        await until(pilot, lambda: "ledger" in troubles(pilot))
        pilot.app.clear_notifications()
        await pilot.press("enter")
        await until(pilot, lambda: "the ledger 127.0.0.1" in notices(pilot))
        assert "Enter begins" in screen_text(pilot)
        team.proxy.closed = False
        await asyncio.sleep(0)
        await settle(pilot)
        await begin(pilot)
    assert team.kinds() == ["run.started"]
