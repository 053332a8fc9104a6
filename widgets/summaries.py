"""The lower row of the dashboard: component health, alerts, backups and disk at a glance."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from textual import events
from textual.message import Message

from procedures.reference.states import State, worst
from procedures.signals.values import (
    AlertHandling,
    AlertPhase,
    Alerts,
    Backups,
    Component,
    Disk,
    Health,
)
from widgets.backup_line import recovery_note, schedule_line
from widgets.marks import GLYPHS, HANDLING_MARKS, age, alert_state, size
from widgets.painted import Painted
from widgets.strips import Line
from widgets.text_view import wrap

ROWS_WITHOUT_SCHEDULES = 7
"""Rows that the newest backup and the disk take."""

USUAL_COMPONENTS = ("storage", "cache", "database", "disk", "memory")
"""Components that the service's documents name; those missing in a report are listed as such."""


def _heading(title: str, state: State, note: str, width: int) -> Line:
    left = f" {GLYPHS[state]} {title} "
    room = max(0, width - len(left) - 1)
    return [
        (
            f"{left}{note[:room]:>{room}} ",
            f"fill-{state.value}",
        )
    ]


class HealthSummary(Painted):
    """What the health endpoint says, one line a component."""

    def __init__(self) -> None:
        super().__init__(id="health")
        self.health: Health | None = None

    def show(self, health: Health) -> None:
        """Take over a new report."""
        self.health = health
        self.repaint()

    def paint(self, width: int, height: int) -> Iterable[Line]:
        """Draw the overall word and the components; unreported ones are never shown as healthy."""
        health = self.health
        if health is None:
            yield _heading("Health", State.UNKNOWN, "waiting", width)
            return
        yield _heading("Health", health.state, health.word.upper(), width)
        if health.fault:
            yield from wrap([(f" {health.fault}", "unknown")], width)
        reported = {component.name for component in health.components}
        ranked = sorted(health.components, key=lambda each: -each.state.concern)
        for component in ranked:
            yield _component_line(component, width)
        missing = [name for name in USUAL_COMPONENTS if name not in reported]
        for name in missing:
            yield [(" ? ", "unknown"), (f"{name:<9} ", "dim"), ("not reported", "unknown")]


def _component_line(component: Component, width: int) -> Line:
    """Draw a component; time and message are whole or not there at all."""
    took = "" if component.duration_ms is None else f" {component.duration_ms:.0f}ms"
    room = width - 13 - len(component.word)
    shown_took = took if len(took) <= room else ""
    message = _shortened(component.message, room - len(shown_took) - 1)
    return [
        (f" {GLYPHS[component.state]} ", component.state.value),
        (f"{_shortened(component.name, 9):<9} ", "text"),
        (component.word, component.state.value),
        (shown_took, "dim"),
        (f" {message}" if len(message) > 3 else "", "dim"),
    ]


def _shortened(text: str, room: int) -> str:
    """Cut a text to ``room`` characters, with a sign that it was cut."""
    return text if len(text) <= room else text[: max(0, room - 1)] + "…"


class AlertSummary(Painted):
    """How many alerts there are and the most urgent of them."""

    def __init__(self) -> None:
        super().__init__(id="alerts")
        self.alerts: Alerts | None = None
        self._now: datetime | None = None

    def show(self, alerts: Alerts, now: datetime) -> None:
        """Take over new alerts; ``now`` gives their age."""
        self.alerts, self._now = alerts, now
        self.repaint()

    def paint(self, width: int, height: int) -> Iterable[Line]:
        """Draw the counts and as many alerts as there are rows."""
        alerts, now = self.alerts, self._now
        if alerts is None or now is None:
            yield _heading("Alerts", State.UNKNOWN, "waiting", width)
            return
        firing = [a for a in alerts.items if a.phase is AlertPhase.FIRING]
        open_ = [a for a in firing if a.handling is AlertHandling.ACTIVE]
        pending = len(alerts.items) - len(firing)
        state = worst([State.OK, *(alert_state(a) for a in open_)])
        if alerts.fault:
            state = State.UNKNOWN if not open_ else state
        note = f"{len(firing)} firing" if firing or not alerts.fault else "not known"
        if pending and width > 34:
            note += f", {pending} pending"
        yield _heading("Alerts", state, note, width)
        if alerts.fault:
            yield from wrap([(f" {alerts.fault}", "unknown")], width)
        elif not alerts.items:
            yield [(f" none · from {alerts.source or 'nowhere'}", "dim")]
        for alert in alerts.items:
            mark = alert_state(alert)
            since = age(alert.since, now) if alert.since else ""
            handled = _handled(alert.handling, width)
            note = since if alert.phase is AlertPhase.FIRING else f"pending {since}"
            room = max(4, width - 5 - len(note) - len(handled))
            yield [
                (f" {GLYPHS[mark]} ", mark.value),
                (f"{alert.name[:room]:<{room}}", "text" if not handled else "dim"),
                (f"{handled} {note}", "dim"),
            ]


def _handled(handling: AlertHandling, width: int) -> str:
    """Say what was done about an alert, in a word that leaves room for its name."""
    if handling is AlertHandling.ACTIVE:
        return ""
    return f" {handling.value if width > 34 else HANDLING_MARKS[handling]}"


class StorageSummary(Painted):
    """The newest backup and the disk."""

    @dataclass
    class Pointed(Message):
        """The panel was clicked; ``twice`` for a double click."""

        panel: "StorageSummary"
        twice: bool

    def __init__(self) -> None:
        super().__init__(id="storage")
        self.backups: Backups | None = None
        self.disk: Disk | None = None
        self.is_selected = False
        self._now: datetime | None = None

    def select(self, selected: bool) -> None:
        """Mark the panel as the one that keys act on."""
        self.is_selected = selected
        self.repaint()

    def on_click(self, event: events.Click) -> None:
        """Tell the screen."""
        self.post_message(self.Pointed(self, twice=event.chain == 2))

    def show(self, backups: Backups, disk: Disk, now: datetime) -> None:
        """Take over what is known of backups and disk."""
        self.backups, self.disk, self._now = backups, disk, now
        self.repaint()

    def paint(self, width: int, height: int) -> Iterable[Line]:
        """Draw backups above disk."""
        backups, disk, now = self.backups, self.disk, self._now
        if backups is None or disk is None or now is None:
            yield self._heading(State.UNKNOWN, "waiting", width)
            return
        yield self._heading(backups.state, _newest_note(backups, now), width)
        if backups.fault:
            yield from wrap([(f" {backups.fault}", "unknown")], width)
        else:
            if backups.newest_at is not None:
                moment, verified = (
                    f" {backups.newest_at:%Y-%m-%d %H:%M} UTC",
                    _verified(backups, now),
                )
                fits = len(moment) + len(verified) <= width
                yield [(moment, "text"), (verified if fits else "", "dim")]
            yield [(f" {_shortened(backups.newest, width - 2)}", "dim")]
            yield [(f" {size(backups.size_bytes)} · {backups.count} kept", "dim")]
        spare = max(1, height - ROWS_WITHOUT_SCHEDULES)
        troubled = sorted(backups.schedules, key=lambda each: -each.state.concern)
        if height > ROWS_WITHOUT_SCHEDULES or any(each.fault for each in troubled):
            yield from (schedule_line(each, now, width) for each in troubled[:spare])
        if not disk.total_bytes:
            yield _heading("Disk", disk.state, "", width)
            yield from wrap([(f" {disk.fault or 'not watched'}", "unknown")], width)
            return
        used = 100 * (1 - disk.free_bytes / disk.total_bytes)
        yield _heading("Disk", disk.state, f"{used:.0f}% used", width)
        yield [(f" {size(disk.free_bytes)} free of {size(disk.total_bytes)}", "text")]
        yield [(f" {disk.path}", "dim")]

    def _heading(self, state: State, note: str, width: int) -> Line:
        heading = _heading("Backups", state, note, width)
        if not self.is_selected:
            return heading
        return [(f"›{text[1:]}", style) for text, style in heading]


def _newest_note(backups: Backups, now: datetime) -> str:
    """Write the recovery point against what may be lost, or else how old the newest is."""
    if backups.recovery is not None:
        return recovery_note(backups.recovery, now)
    if backups.newest_at is not None:
        return f"{age(backups.newest_at, now)} old"
    return "not known" if backups.fault else "none"


def _verified(backups: Backups, now: datetime) -> str:
    if backups.recovery is None:
        return ""
    if backups.recovery.verified:
        return " · verified"
    if backups.verified_at is None:
        return " · never verified"
    return f" · verified: {age(backups.verified_at, now)} old"
