"""Lines of a log and how severe they are; pure."""

import re
from enum import IntEnum
from typing import NamedTuple

LONGEST_LINE = 16_384
"""Characters after which a line goes on as a further one."""


class Severity(IntEnum):
    """How severe a line says it is, the least first."""

    UNKNOWN = 0
    DEBUG = 1
    INFO = 2
    WARNING = 3
    ERROR = 4


class LogLine(NamedTuple):
    """One line, as it came: not cleaned. A tuple, for tens of thousands come in a second.

    Attributes:
        stamp: When it was written, RFC 3339 in UTC; empty where that is not known.
        unit: Name of the unit that wrote it.
        text: Without the line's end.
    """

    stamp: str
    unit: str
    severity: Severity
    text: str


_LOOKED_AT = 160
"""Characters in which a line says how severe it is."""
_WORD = re.compile(
    r"(?<![\w/.-])(?:(?P<error>ERROR|ERR|FATAL|CRITICAL|CRIT|PANIC|ALERT|EMERG|SEVERE|error|fatal"
    r"|critical|panic)|(?P<warning>WARNING|WARN|warning|warn)|(?P<info>INFO|NOTICE|LOG|info|notice)"
    r"|(?P<debug>DEBUG|TRACE|debug|trace))(?![\w/-])"
)
_SEVERITIES = {
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "info": Severity.INFO,
    "debug": Severity.DEBUG,
}


def severity_of(text: str) -> Severity:
    """Return what the first word of severity near the beginning of a line says.

    ``ERROR pool exhausted``, ``level=error``, ``{"level":"error"}`` and ``FATAL:  the database
    system is shutting down`` are errors; ``errors=0`` and ``/var/log/error`` say nothing.
    """
    found = _WORD.search(text, 0, _LOOKED_AT)
    return _SEVERITIES[found.lastgroup] if found and found.lastgroup else Severity.UNKNOWN


def pieces(text: str) -> list[str]:
    """Return a line cut into pieces of bounded length; mostly it is one."""
    if len(text) <= LONGEST_LINE:
        return [text]
    return [text[at : at + LONGEST_LINE] for at in range(0, len(text), LONGEST_LINE)]
