"""How long things take in the sandbox."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Durations in seconds.

    Attributes:
        stop_s: From the order to stop until a process is gone.
        start_s: From the start of a replica until it is ready.
        dependency_start_s: The same for the cache and the database.
        warm_s: Time constant with which an emptied cache fills again.
    """

    stop_s: float = 1.0
    start_s: float = 3.5
    dependency_start_s: float = 1.0
    warm_s: float = 25.0
