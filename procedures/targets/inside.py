"""What checks ask about the place where a unit lives: its own files, ports and memory."""

from collections.abc import Sequence
from pathlib import Path

from procedures.errors import SourceError
from procedures.execution.cleaning import clean_line
from procedures.targets.target import Answer, Target
from procedures.targets.this_machine import MEMORY_FILE, available
from procedures.targets.values import Unit

_MISSING = frozenset({126, 127})
_SOCKETS = ("/proc/net/tcp", "/proc/net/tcp6")
_LISTENS = "0A"
"""State TCP_LISTEN of ``/proc/net/tcp``, see ``proc(5)``."""


async def disk_free(target: Target, unit: Unit, path: Path) -> float:
    """Return the free bytes of the file system that holds ``path``. Source: ``df -Pk``."""
    answer = await _asked(target, unit, ("df", "-Pk", "--", str(path)))
    fields = answer.output.splitlines()[-1].split() if answer.output.strip() else []
    if answer.status or len(fields) < 6 or not fields[-3].isdecimal():
        raise SourceError(
            f"cannot read the disk usage of {path} in {unit.name}: {_said(answer)}",
            fix=f"Check that {path} exists there",
        )
    return float(fields[-3]) * 1024


async def exists(target: Target, unit: Unit, path: Path) -> bool:
    """Tell whether there is such a file."""
    answer = await _asked(target, unit, ("test", "-e", str(path)))
    if answer.status not in {0, 1}:
        raise SourceError(f"cannot look for {path} in {unit.name}: {_said(answer)}")
    return answer.status == 0


async def is_listening(target: Target, unit: Unit, port: int) -> bool:
    """Tell whether something listens on ``port``, on whatever address."""
    for table in _SOCKETS:
        answer = await _asked(target, unit, ("cat", table))
        if answer.status == 0 and port in listening_ports(answer.output):
            return True
        if answer.status and table == _SOCKETS[0]:
            raise SourceError(f"cannot read the open ports of {unit.name}: {_said(answer)}")
    return False


def listening_ports(table: str) -> frozenset[int]:
    """Return the ports of the sockets in ``/proc/net/tcp`` that listen."""
    rows = (line.split() for line in table.splitlines()[1:])
    return frozenset(
        int(row[1].rpartition(":")[2], 16) for row in rows if len(row) > 3 and row[3] == _LISTENS
    )


async def memory_free(target: Target, unit: Unit) -> float:
    """Return how many bytes are left below the unit's own limit, else those of its machine."""
    use = await target.use(unit)
    if use.memory_limit_bytes is not None and use.memory_bytes is not None:
        return max(0.0, use.memory_limit_bytes - use.memory_bytes)
    answer = await _asked(target, unit, ("cat", MEMORY_FILE))
    try:
        return available(answer.output)
    except (KeyError, ValueError) as error:
        raise SourceError(f"cannot read the free memory of {unit.name}: {_said(answer)}") from error


async def _asked(target: Target, unit: Unit, argv: Sequence[str]) -> Answer:
    answer = await target.inside(unit, argv)
    if answer.status in _MISSING:
        raise SourceError(
            f"{argv[0]} cannot be run in {unit.name}: {_said(answer)}",
            fix="Look at it by hand: its image has no such program",
        )
    return answer


def _said(answer: Answer) -> str:
    said = clean_line(answer.complaint.strip() or answer.output.strip())
    return said or f"exit status {answer.status}"
