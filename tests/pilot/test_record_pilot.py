"""The console says at its start when the record is not what it was."""

import sqlite3
from pathlib import Path

from procedures.clock import SystemClock
from procedures.ledger.event import Draft
from procedures.ledger.sqlite_ledger import SqliteLedger
from tests.live_console import notices, until
from tests.scripted import scripted_console, settle, snapshot


def recorded(state: Path, count: int) -> Path:
    state.mkdir(parents=True, exist_ok=True)
    ledger = SqliteLedger(state / "ledger.db", clock=SystemClock())
    for number in range(count):
        ledger.append(
            Draft(
                kind="incident.noted",
                subject="i",
                environment="e",
                operator="ada",
                body={"n": number},
            )
        )
    ledger.close()
    return state / "ledger.db"


async def test_a_changed_event_is_told_at_the_start(tmp_path: Path) -> None:
    app, watch = scripted_console(tmp_path)
    path = recorded(app.services.state_dir, 3)
    with sqlite3.connect(path) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute("UPDATE event SET operator = 'grace' WHERE seq = 2")
    connection.close()
    async with app.run_test(size=(100, 30)) as pilot:
        watch.say(snapshot())
        await settle(pilot)
        await until(pilot, lambda: "The record is not what it was" in notices(pilot))
        assert "Event 2" in notices(pilot)


async def test_a_sound_record_is_not_mentioned(tmp_path: Path) -> None:
    app, watch = scripted_console(tmp_path)
    recorded(app.services.state_dir, 3)
    async with app.run_test(size=(100, 30)) as pilot:
        watch.say(snapshot())
        await settle(pilot)
        assert "record" not in notices(pilot)
        assert (app.services.state_dir / "ledger.verified").exists()
