"""Lines of a log in a file: cleaned, without secrets, and never over another file."""

import asyncio
import os
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from procedures.errors import SourceError
from procedures.execution.cleaning import clean_line
from procedures.execution.secrets.redaction import redact
from procedures.targets.log_lines import LONGEST_LINE, LogLine

if TYPE_CHECKING:
    from tui.services import Services


def proposed_name(of: str, now: datetime) -> str:
    """Return a name for the file that nobody has used yet."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", of).strip("-.") or "log"
    return f"~/{safe}-{now:%Y%m%dT%H%M%SZ}.log"


async def save_log(name: str, lines: Sequence[LogLine], services: "Services") -> Path:
    """Write lines into a new file that only its owner can read; return where it is.

    Raises:
        SourceError: It cannot be written, or is there already.
    """
    secrets = (await services.station()).secrets
    return await asyncio.to_thread(_write, name, lines, secrets)


def line_text(line: LogLine, secrets: Sequence[str]) -> str:
    """Return one line as a file or a pipe shows it; a time that it tells itself stands once."""
    said = redact(clean_line(line.text.replace("\t", "    "), limit=LONGEST_LINE), secrets)
    stamp = "" if said.startswith(line.stamp[:19]) else line.stamp
    return " ".join(part for part in (clean_line(line.unit), stamp, said) if part)


def _write(name: str, lines: Sequence[LogLine], secrets: Sequence[str]) -> Path:
    path = Path(name)
    try:
        path = path.expanduser().absolute()
        with open(path, "x", opener=_private) as file:
            file.writelines(line_text(line, secrets) + "\n" for line in lines)
    except FileExistsError as error:
        raise SourceError(f"{path} is there already", fix="Give another name") from error
    except (OSError, RuntimeError, ValueError) as error:
        raise SourceError(
            f"{path} cannot be written: {getattr(error, 'strerror', None) or error}",
            fix="Give a directory with room",
        ) from error
    return path


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
