"""How a container ended; pure."""

from typing import NamedTuple


class End(NamedTuple):
    """How a container ended last."""

    exit_code: int
    out_of_memory: bool
