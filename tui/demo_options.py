"""How the embedded sandbox is to be started."""

from dataclasses import dataclass
from pathlib import Path

from procedures.environment import Method


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """What the operator asked the sandbox to be.

    Attributes:
        method: The deployment method that it poses as.
        faults: Names of the faults to begin with.
        state_dir: The sandbox's own directory.
        keep: Leave it running when the console ends.
    """

    method: Method
    faults: tuple[str, ...]
    state_dir: Path
    keep: bool
