"""Reads a dump of the sandbox from its standard input, as ``pg_restore --file=/dev/null`` would."""

import sys

from procedures.sandbox.postgres.dumps import ArchiveError, unpacked


def main() -> int:
    """Return 0 for a whole dump, and say what is wrong with any other."""
    try:
        unpacked(sys.stdin.buffer.read())
    except (ArchiveError, ValueError) as error:
        sys.stderr.write(f"pg_restore: error: {error}\n")
        return 1
    return 0
