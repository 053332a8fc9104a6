"""The header that no screen hides: where and who one is, the time, the age of the data."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from procedures.environment import Method, Tier
from widgets.marks import counted, duration
from widgets.painted import Painted
from widgets.strips import Line, Span

if TYPE_CHECKING:
    from procedures.response.incidents import Incident

_LEAST_PLACE = 12
"""Cells of a context and a namespace that are shown even if the clock has to go."""

OLD_AFTER_S = 30.0
"""Age of the data from which the header warns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What the header shows.

    Attributes:
        data_at: When the newest answer of any source arrived; None before the first.
        troubles: Names of the sources that do not answer, or not as they should.
        incidents: What is open, the most severe first.
        run: The open run in a few words; empty for none.
        method: None where only the metrics are known.
        place: Context and namespace of a cluster; empty elsewhere.
        read_only: The console runs nothing that changes anything.
        requests: How many steps wait for a second person's word.
    """

    environment: str
    tier: Tier
    method: Method | None
    operator: str
    now: datetime
    data_at: datetime | None = None
    troubles: tuple[str, ...] = ()
    incidents: "tuple[Incident, ...]" = ()
    run: str = ""
    read_only: bool = False
    requests: int = 0
    place: str = ""


class HeaderBar(Painted):
    """Two lines on top of every screen."""

    DEFAULT_CSS = "HeaderBar { dock: top; height: 2; }"

    def __init__(self) -> None:
        super().__init__(id="header")
        self.heading: Heading | None = None

    def show(self, heading: Heading) -> None:
        """Take over a new heading."""
        self.heading = heading
        self.repaint()

    def paint(self, width: int, height: int) -> Iterable[Line]:
        """Draw the environment and the clock, then the data's age and what is open."""
        heading = self.heading
        if heading is None:
            return
        badge = f" {heading.tier.value.upper()} "
        left: list[Span] = [
            (badge, f"badge-{heading.tier.value}"),
            (f" {heading.environment}", "fill-key"),
            (f" · {heading.method.value if heading.method else 'metrics only'}", "fill-title"),
        ]
        if heading.read_only:
            left.append((" · READ-ONLY", "fill-key"))
        clock = f"{heading.now:%Y-%m-%d %H:%M:%S} UTC "
        if width < 70:
            clock = f"{heading.now:%H:%M:%S} UTC "
        if heading.place:
            room = width - len(clock) - 2 - sum(len(text) for text, _ in left)
            left.insert(3, (f" {_end_of(heading.place, room)}", "fill-key"))
        yield _spread(left, [(clock, "fill-title")], width, "fill-title")
        yield _spread(
            self._data(heading), [(f"operator {heading.operator} ", "dim")], width, "text"
        )

    def _data(self, heading: Heading) -> list[Span]:
        spans: list[Span] = []
        if heading.data_at is None:
            spans.append((" ? no data yet", "unknown"))
        else:
            age_s = (heading.now - heading.data_at).total_seconds()
            if age_s > OLD_AFTER_S:
                spans.append((f" ▲ data {duration(age_s)} old", "warning"))
            else:
                spans.append((f" ● data {duration(age_s)} old", "ok"))
        if heading.troubles:
            spans.append((f" ▲ trouble: {', '.join(heading.troubles)}", "warning"))
        if heading.incidents:
            worst = heading.incidents[0]
            age_s = (heading.now - worst.declared_at).total_seconds()
            more = f" +{len(heading.incidents) - 1}" if len(heading.incidents) > 1 else ""
            text = f" ■ {worst.severity.name} {duration(age_s)} {worst.title}{more} "
            spans.append((text, "fill-critical"))
        if heading.requests:
            spans.append((f" ? {counted(heading.requests, 'approval')} asked", "unknown"))
        if heading.run:
            spans.append((f" ▶ {heading.run}", "key"))
        return spans


def _end_of(place: str, room: int) -> str:
    """Cut a place at its beginning: names of contexts begin with what is the same in all."""
    room = max(room, _LEAST_PLACE)
    return place if len(place) <= room else f"…{place[1 - room :]}"


def _spread(left: list[Span], right: list[Span], width: int, fill: str) -> Line:
    """Set ``left`` and ``right`` at the two ends; the right end gives way first."""
    used = sum(len(text) for text, _ in left)
    room = width - used - sum(len(text) for text, _ in right)
    if room < 1:
        return [*left, (" " * max(0, width - used), fill)]
    return [*left, (" " * room, fill), *right]
