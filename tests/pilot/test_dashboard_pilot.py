"""What the dashboard's picture means."""

from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from procedures.environment import Endpoint, Tier
from procedures.reference.states import State
from procedures.signals.values import AlertHandling, AlertPhase, Alerts, Health
from tests.scripted import (
    CALM,
    NOW,
    alert,
    healthy,
    reading,
    scripted_console,
    settle,
    snapshot,
    unknown,
)
from tui.launch import _Console
from tui.screens.chart import ChartScreen
from widgets.indicator_panel import IndicatorPanel
from widgets.painted import Painted
from widgets.summaries import AlertSummary, HealthSummary, StorageSummary


def text_of(widget: Painted) -> str:
    """Return what a widget shows, line by line."""
    return "\n".join(widget.render_line(y).text.rstrip() for y in range(widget.size.height))


def panel(pilot: Pilot[int], indicator: str) -> str:
    panels = pilot.app.screen.query(IndicatorPanel)
    return next(text_of(each) for each in panels if each.indicator.id == indicator)


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_each_key_indicator_shows_value_unit_target_and_state(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    app, watch = scripted_console(tmp_path)
    async with app.run_test(size=size) as pilot:
        watch.say(snapshot(values={**CALM, "p95-latency": 143.0, "cache-hit-rate": 61.0}))
        await pilot.pause()
        latency = panel(pilot, "p95-latency")
        for shown in ("▲ P95 latency", "WARNING", "143 ms", "<100", ">200", "◆", "░", "▒", "▓"):
            assert shown in latency
        assert "■ Cache hit rate" in panel(pilot, "cache-hit-rate")
        assert "CRITICAL" in panel(pilot, "cache-hit-rate")
        assert "OK" in panel(pilot, "cpu")


async def test_both_thresholds_run_through_the_history(tmp_path: Path) -> None:
    app, watch = scripted_console(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        watch.say(snapshot(values={**CALM, "p95-latency": 30.0}))
        await pilot.pause()
        assert "─" in panel(pilot, "p95-latency")
        assert "┄" in panel(pilot, "p95-latency")


async def test_an_unknown_reading_never_looks_like_its_last_state(tmp_path: Path) -> None:
    app, watch = scripted_console(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        watch.say(snapshot())
        await pilot.pause()
        assert "OK" in panel(pilot, "cpu")
        calm = snapshot()
        watch.say(replace(calm, readings={**calm.readings, "cpu": unknown("cpu", "no answer 2m")}))
        await pilot.pause()
        shown = panel(pilot, "cpu")
        assert "UNKNOWN" in shown
        assert "no answer 2m" in shown
        assert "34" not in shown


async def test_a_component_that_is_not_reported_is_not_healthy(tmp_path: Path) -> None:
    app, watch = scripted_console(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        watch.say(snapshot(health=healthy("cache")))
        await pilot.pause()
        lines = text_of(pilot.app.screen.query_one(HealthSummary)).splitlines()
        assert any("cache" in line and "healthy" in line for line in lines)
        assert any("database" in line and "not reported" in line for line in lines)


async def test_a_health_endpoint_without_an_answer_says_why(tmp_path: Path) -> None:
    app, watch = scripted_console(tmp_path)
    gone = Health(state=State.UNKNOWN, word="no answer", fault="refused")
    async with app.run_test(size=(80, 24)) as pilot:
        watch.say(snapshot(health=gone))
        await pilot.pause()
        shown = text_of(pilot.app.screen.query_one(HealthSummary))
        assert "NO ANSWER" in shown
        assert "refused" in shown


async def test_the_alert_summary_counts_and_names(tmp_path: Path) -> None:
    app, watch = scripted_console(tmp_path)
    items = (
        alert("ServiceDown", "critical"),
        replace(alert("HighLatency"), handling=AlertHandling.ACKNOWLEDGED),
        alert("LowCacheHitRate", phase=AlertPhase.PENDING),
    )
    async with app.run_test(size=(120, 30)) as pilot:
        watch.say(snapshot(alerts=Alerts(items=items, source="alertmanager", at=NOW)))
        await pilot.pause()
        shown = text_of(pilot.app.screen.query_one(AlertSummary))
        assert "2 firing, 1 pending" in shown
        assert "■ ServiceDown" in shown
        assert "acknowledged" in shown
        assert "pending 12m" in shown


async def test_backups_and_disk_are_seen_at_a_glance(tmp_path: Path) -> None:
    app, watch = scripted_console(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        watch.say(snapshot())
        await pilot.pause()
        shown = text_of(pilot.app.screen.query_one(StorageSummary))
        assert "72m old" in shown
        assert "38% used" in shown


@pytest.mark.parametrize("tier", list(Tier))
async def test_the_header_names_environment_tier_clock_and_operator(
    tmp_path: Path, tier: Tier
) -> None:
    app, watch = scripted_console(tmp_path, tier=tier)
    async with app.run_test(size=(80, 24)) as pilot:
        watch.say(snapshot())
        await pilot.pause()
        header = text_of(pilot.app.screen.query_one("#header", Painted))
        for shown in (tier.value.upper(), "kubernetes", "03:12:40 UTC", "operator ada", "data 0s"):
            assert shown in header


async def test_every_tab_shows_its_panels_and_says_what_the_service_does_not_export(
    tmp_path: Path,
) -> None:
    app, watch = scripted_console(tmp_path)
    async with app.run_test(size=(200, 50)) as pilot:
        calm = snapshot()
        missing = unknown("secret-access", "not exported by the service")
        watch.say(replace(calm, readings={**calm.readings, "secret-access": missing}))
        await pilot.pause()
        counts: list[int] = []
        for _ in range(3):
            await pilot.press("right_square_bracket")
            await pilot.pause()
            tab = pilot.app.screen.query(f"#tab-{len(counts) + 1} .panels > *")
            counts.append(len(tab))
        assert counts == [12, 6, 6]
        await pilot.press("left_square_bracket")
        await pilot.pause()
        assert "not exported by the service" in panel(pilot, "secret-access")


async def test_the_selection_follows_the_arrows_and_enter_opens_the_chart(tmp_path: Path) -> None:
    app, watch = scripted_console(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        watch.say(snapshot())
        await pilot.pause()
        await pilot.press("right", "down")
        (selected,) = [p for p in pilot.app.screen.query(IndicatorPanel) if p.is_selected]
        assert selected.indicator.id == "cpu"
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ChartScreen)


async def test_the_chart_asks_for_longer_ranges_and_shows_its_query(tmp_path: Path) -> None:
    app, watch = scripted_console(tmp_path)
    server = Endpoint(url="http://prometheus.example.org")
    app.services.environment = replace(app.services.environment, prometheus=server)
    async with app.run_test(size=(120, 30)) as pilot:
        watch.say(snapshot(alerts=Alerts(items=(alert("LowCacheHitRate"),), source="prometheus")))
        await pilot.pause()
        await pilot.press("down", "enter", "plus", "plus", "plus")
        await settle(pilot)
        assert watch.asked_ranges[-1] == ("cache-hit-rate", 604_800.0)
        shown = "\n".join(text_of(each) for each in pilot.app.screen.query(Painted))
        query = pilot.app.screen.query_one("#query")
        shown += "".join(query.render_line(y).text.strip() for y in range(query.size.height))
        assert "sum(rate(cache_hits_total" in shown
        assert "[6048s]" in shown, "the window reaches from one of the hundred points to the next"
        assert "70.0%" in shown
        related = pilot.app.screen.query_one("#related")
        rows = "\n".join(related.render_line(y).text for y in range(related.size.height))
        assert "LowCacheHitRate" in rows
        assert "Flush the cache" in rows or "cache" in rows.lower()


async def test_values_stay_readable_after_the_terminal_shrinks_and_grows(tmp_path: Path) -> None:
    app, watch = scripted_console(tmp_path)
    async with app.run_test(size=(200, 50)) as pilot:
        watch.say(snapshot(values={**CALM, "error-rate": 7.5}))
        await pilot.pause()
        before = [text_of(each) for each in pilot.app.screen.query(IndicatorPanel)]
        await pilot.resize_terminal(40, 10)
        await pilot.pause()
        small = panel(pilot, "error-rate")
        assert "7.50%" in small
        assert "■" in small
        await pilot.resize_terminal(200, 50)
        await pilot.pause()
        assert [text_of(each) for each in pilot.app.screen.query(IndicatorPanel)] == before


def test_the_scripted_reading_follows_the_key_metrics_table() -> None:
    assert reading("p95-latency", 200.0).state is State.WARNING
    assert reading("p95-latency", 200.1).state is State.CRITICAL


async def test_every_place_is_reached_from_every_other(tmp_path: Path) -> None:
    app, watch = scripted_console(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        watch.say(snapshot())
        await settle(pilot)
        for keys in ("2", "1", "3", "1", "3", "2", "1"):
            await pilot.press(keys)
            await settle(pilot)
            expected = {"1": "DashboardScreen", "2": "AlertsScreen", "3": "ProceduresScreen"}
            assert type(app.screen).__name__ == expected[keys]


async def test_the_console_begins_once(tmp_path: Path) -> None:
    begun: list[str] = []

    class Counting(_Console):
        def _begin(self) -> None:
            begun.append("watch")

    app, _ = scripted_console(tmp_path)
    counting = Counting(app.services)
    async with counting.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert begun == ["watch"]


async def test_the_whole_reason_is_told_where_a_value_is_missing(tmp_path: Path) -> None:
    app, watch = scripted_console(tmp_path)
    reason = "no fresh data since 03:10:02 UTC: http://prometheus:9090 refused the connection"
    async with app.run_test(size=(80, 24)) as pilot:
        calm = snapshot()
        watch.say(replace(calm, readings={**calm.readings, "cpu": unknown("cpu", reason)}))
        await settle(pilot)
        shown = " ".join(panel(pilot, "cpu").split())
        assert "refused the" in shown
        assert "since 03:10:02" in shown
