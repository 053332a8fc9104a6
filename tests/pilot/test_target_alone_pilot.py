"""An environment of which only a target is known: what runs is shown, and what is missing said."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from procedures.environment import Environment, Method, TargetAddress
from procedures.sandbox.launcher import start
from tests.live_console import live_console, panel_text, screen_text, text_of, until
from tui.screens.dashboard import DashboardScreen
from tui.screens.service import ServiceScreen
from widgets.summaries import AlertSummary, HealthSummary


@pytest.fixture
async def environment(tmp_path: Path) -> AsyncIterator[Environment]:
    """The sandbox's units, without any address of it."""
    sandbox = await start(tmp_path / "sandbox", method=Method.SYSTEMD)
    yield replace(
        sandbox.environment,
        prometheus=None,
        alertmanager=None,
        metrics=(),
        health=None,
        api=None,
        history_url="",
        backup_dir=None,
        data_dir=None,
        targets=(TargetAddress(name="host", method=Method.SYSTEMD),),
    )
    await sandbox.stop()


async def test_the_dashboard_says_what_is_missing_and_the_service_is_seen(
    environment: Environment, tmp_path: Path
) -> None:
    async with live_console(environment, tmp_path / "state") as pilot:
        screen = pilot.app.screen
        await until(pilot, lambda: "not configured" in panel_text(pilot, "availability"))
        assert isinstance(screen, DashboardScreen)
        assert "not configured" in text_of(screen.query_one(HealthSummary))
        assert "nothing is configured" in text_of(screen.query_one(AlertSummary))
        await pilot.press("4")
        await until(pilot, lambda: isinstance(pilot.app.screen, ServiceScreen))
        await until(pilot, lambda: "llm-config-manager" in screen_text(pilot))
        await until(pilot, lambda: "redis" in screen_text(pilot))
