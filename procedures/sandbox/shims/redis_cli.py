"""redis-cli on the host, as with the systemd method."""

from procedures.sandbox.control_client import Control
from procedures.sandbox.shims.inside import redis_cli


def run(control: Control, argv: list[str]) -> int:
    """Carry out one command."""
    return redis_cli(control, argv)
