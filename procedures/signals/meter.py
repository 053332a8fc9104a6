"""Whoever answers measures: a Prometheus server, or the console's own scrapes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from procedures.reference.measures import Measure
from procedures.signals.evaluation import Evaluation, Group

Measures = Mapping[str, Measure]
"""Measures under the names by which their answers are asked for."""

Tracks = Mapping[Group, list[float]]
"""Values at evenly spaced instants by group; NaN where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The answers to several measures at one instant.

    Attributes:
        at: When the newest sample behind them was taken, by this machine's clock.
        server_at: Unix time of the answer by the clock that stamps the samples.
        note: A doubt that does not void the answers, such as clocks that differ.
        too_old: Why the answers are not to be trusted at all; empty if they are.
        fault: What part of the source could not be asked; empty if there is none.
        silent: Which instances gave no samples; ``up`` tells the measures of them as well.
    """

    at: datetime
    server_at: float
    evaluations: Mapping[str, Evaluation]
    note: str = ""
    too_old: str = ""
    fault: str = ""
    silent: str = ""


class Meter(Protocol):
    """Answers measures; every method may raise SourceError, and each is called by several tasks.

    Attributes:
        remembers: Whether :meth:`ask_past` reaches further back than this console has run.
    """

    name: str
    address: str
    timeout_s: float
    remembers: bool

    async def now(self) -> float:
        """Return the Unix time by the clock that stamps the samples."""

    async def refresh(self) -> None:
        """Take new samples, where the meter takes them itself."""

    async def ask(self, measures: Measures) -> Answers:
        """Answer each measure for now."""

    async def ask_past(
        self, measures: Measures, *, start: float, end: float, step_s: int
    ) -> Mapping[str, Tracks]:
        """Answer each measure at ``start``, ``start + step_s``, … ``end`` (Unix times)."""

    async def aclose(self) -> None:
        """Release connections."""
