"""The list of alerts, and what is behind one of them."""

from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from procedures.signals.values import AlertHandling, AlertPhase, Alerts
from tests.scripted import NOW, alert, scripted_console, settle, snapshot
from tui.screens.alerts import AlertScreen
from tui.screens.walk import WalkScreen
from widgets.line_list import LineList
from widgets.painted import Painted
from widgets.text_view import TextView

HOSTILE = {
    "markup": "[/red] [@click=app.quit]press[/]",
    "escape": "\x1b[31mred\x1b]0;title\x07 \x9b2J",
    "newline": "one\ntwo\r\nthree",
    "right-to-left": "abc\u202egnp.exe",
    "emoji": "👩‍🚒 down 🔥",
    "long": "x" * 100_000,
}


def screen_text(pilot: Pilot[int]) -> str:
    """Return every line that the screen would send to the terminal."""
    widgets = [
        *pilot.app.screen.query(Painted),
        *pilot.app.screen.query(LineList),
        *pilot.app.screen.query(TextView),
    ]
    return "\n".join(
        each.render_line(y).text.rstrip() for each in widgets for y in range(each.size.height)
    )


async def test_name_severity_component_age_and_handling_are_in_the_list(tmp_path: Path) -> None:
    app, watch = scripted_console(tmp_path)
    items = (
        alert("ServiceDown", "critical", minutes=2),
        replace(alert("HighLatency"), handling=AlertHandling.SILENCED),
        alert("LowCacheHitRate", phase=AlertPhase.PENDING),
    )
    async with app.run_test(size=(120, 30)) as pilot:
        watch.say(snapshot(alerts=Alerts(items=items, source="alertmanager", at=NOW)))
        await pilot.press("2")
        await settle(pilot)
        text = screen_text(pilot)
        for shown in (
            "■ critical ServiceDown",
            "firing",
            "2m cache",
            "silenced",
            "pending",
            "2 firing, 1 pending, 1 handled",
            "from alertmanager",
        ):
            assert shown in text


async def test_without_any_alert_the_list_says_so_and_names_its_source(tmp_path: Path) -> None:
    app, watch = scripted_console(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        watch.say(snapshot(alerts=Alerts(source="console", at=NOW)))
        await pilot.press("2")
        await settle(pilot)
        assert "No alerts." in screen_text(pilot)
        assert "the console's own rules" in screen_text(pilot)


async def test_a_source_that_fails_is_not_taken_for_no_alerts(tmp_path: Path) -> None:
    app, watch = scripted_console(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        watch.say(snapshot(alerts=Alerts(fault="alertmanager refused the connection")))
        await pilot.press("2")
        await settle(pilot)
        assert "alertmanager refused the connection" in screen_text(pilot)
        assert "No alerts." not in screen_text(pilot)


async def test_enter_shows_labels_annotations_and_leads_to_the_procedure(tmp_path: Path) -> None:
    app, watch = scripted_console(tmp_path)
    async with app.run_test(size=(100, 40)) as pilot:
        watch.say(snapshot(alerts=Alerts(items=(alert("LowCacheHitRate"),), source="prometheus")))
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        text = screen_text(pilot)
        for shown in ("Labels", "alertname", "Annotations", "summary", "Cache flush"):
            assert shown in text
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, WalkScreen)


async def test_an_alert_that_is_over_says_so_while_it_is_open(tmp_path: Path) -> None:
    app, watch = scripted_console(tmp_path)
    async with app.run_test(size=(100, 40)) as pilot:
        watch.say(snapshot(alerts=Alerts(items=(alert("HighLatency"),), source="prometheus")))
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        watch.say(snapshot(alerts=Alerts(source="prometheus", at=NOW)))
        await settle(pilot)
        assert isinstance(pilot.app.screen, AlertScreen)
        assert "resolved" in screen_text(pilot)


async def test_the_cursor_stays_on_its_alert_when_others_come(tmp_path: Path) -> None:
    app, watch = scripted_console(tmp_path)
    first, second = alert("HighLatency"), alert("LowCacheHitRate")
    async with app.run_test(size=(80, 24)) as pilot:
        watch.say(snapshot(alerts=Alerts(items=(first, second), source="prometheus")))
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("down")
        down = alert("ServiceDown", "critical")
        watch.say(snapshot(alerts=Alerts(items=(down, first, second), source="prometheus")))
        await settle(pilot)
        row = pilot.app.screen.query_one("#alert-list", LineList).row
        assert row is not None
        assert row.alert.name == "LowCacheHitRate"


async def test_a_thousand_alerts_cost_no_more_than_a_screenful(tmp_path: Path) -> None:
    app, watch = scripted_console(tmp_path)
    items = tuple(alert(f"Alert{number:04}") for number in range(1000))
    async with app.run_test(size=(80, 24)) as pilot:
        watch.say(snapshot(alerts=Alerts(items=items, source="alertmanager", at=NOW)))
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("end")
        await settle(pilot)
        assert "Alert0999" in screen_text(pilot)
        assert "1000 firing" in screen_text(pilot)
        assert len(pilot.app.screen.query("*")) < 20


@pytest.mark.parametrize("kind", HOSTILE)
async def test_text_from_outside_is_shown_and_never_obeyed(tmp_path: Path, kind: str) -> None:
    text = HOSTILE[kind]
    hostile = replace(
        alert("HighLatency"),
        summary=text,
        component=text,
        labels={"alertname": "HighLatency", "note": text, text[:50]: "name"},
        annotations={"description": text},
        comment=text,
    )
    app, watch = scripted_console(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        watch.say(snapshot(alerts=Alerts(items=(hostile,), source=text[:20], fault="")))
        await settle(pilot)
        pages = [screen_text(pilot)]
        await pilot.press("2")
        await settle(pilot)
        pages.append(screen_text(pilot))
        await pilot.press("enter")
        await settle(pilot)
        pages.append(screen_text(pilot))
        for page in pages:
            for line in page.split("\n"):
                assert line.isprintable() or kind == "emoji"
                assert "\x1b" not in line
        if kind == "markup":
            assert "[@click=app.quit]press[/]" in pages[2]
        assert pilot.app.is_running
