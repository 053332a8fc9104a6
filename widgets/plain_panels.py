"""Panels of a dashboard that show no indicator: the service's status, and what cannot be shown."""

from collections.abc import Iterable

from procedures.reference.states import State
from procedures.signals.values import Health
from widgets.marks import GLYPHS, duration
from widgets.painted import Painted
from widgets.strips import Line
from widgets.text_view import wrap


class StatusPanel(Painted):
    """The health report as one word."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = title
        self.health: Health | None = None

    def show(self, health: Health) -> None:
        """Take over a new report."""
        self.health = health
        self.repaint()

    def paint(self, width: int, height: int) -> Iterable[Line]:
        """Draw the word, the version and the time since the start."""
        health = self.health
        state = health.state if health else State.UNKNOWN
        word = health.word if health else "waiting"
        yield [(f" {GLYPHS[state]} {self.title}".ljust(width), f"fill-{state.value}")]
        yield [(f" {word.upper()}", state.value)]
        if health is None:
            return
        if health.fault:
            yield from wrap([(f" {health.fault}", "unknown")], width)
        if health.version:
            yield [(f" version {health.version}", "dim")]
        if health.uptime_s is not None:
            yield [(f" up for {duration(health.uptime_s)}", "dim")]


class NotePanel(Painted):
    """A panel of the operations guide for which no number exists, and why."""

    def __init__(self, title: str, note: str) -> None:
        super().__init__()
        self.title = title
        self.note = note

    def paint(self, width: int, height: int) -> Iterable[Line]:
        """Draw the note."""
        head = f" {GLYPHS[State.UNKNOWN]} {self.title}"
        yield [(head.ljust(width), f"fill-{State.UNKNOWN.value}")]
        yield from wrap([(f" {self.note}", "dim")], width)
