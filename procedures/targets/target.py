"""What the checks ask of a deployment, whatever its method."""

from collections.abc import Sequence
from typing import Protocol


class Target(Protocol):
    """A deployment; every question may raise SourceError."""

    async def ready(self) -> int:
        """Return how many of its instances are ready to serve."""

    async def logs(self, since_s: float) -> Sequence[str]:
        """Return the log lines of the last ``since_s`` seconds, oldest first within an instance."""
