"""What a source of the watch is, and what the source of the indicators yields."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from procedures.signals.values import Reading

Part = TypeVar("Part", covariant=True)


class Source(Protocol[Part]):
    """Answers one question about the service, again and again.

    Attributes:
        interval_s: Seconds between two questions.
        timeout_s: Seconds after which a question is given up.
    """

    name: str
    address: str
    interval_s: float
    timeout_s: float

    async def read(self) -> Part:
        """Ask once; raises SourceError with what is wrong and what to do."""

    async def aclose(self) -> None:
        """Release connections."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Indications:
    """Every indicator at one moment; ``fault`` is what went wrong with some of it."""

    readings: Mapping[str, Reading]
    fault: str = ""
