"""What systemctl and journalctl complain of, as errors that say what to do; pure."""

from procedures.errors import SourceError
from procedures.execution.cleaning import clean_line

_NOT_BOOTED = ("not been booted with systemd",)
_NO_BUS = ("failed to connect to bus", "failed to connect to system scope bus")
_FORBIDDEN = ("insufficient permissions", "not seeing messages from other users")
_NO_JOURNAL = ("no journal files were found", "no journal files were opened")
_NO_OPTION = ("unrecognized option", "invalid option", "unknown timestamp")
JOIN = "Join the group systemd-journal or adm: sudo usermod -aG systemd-journal $USER; log in anew"


def is_forbidden(complaint: str) -> bool:
    """Tell whether journalctl says that it may not read the system's journal."""
    return _says(complaint, _FORBIDDEN)


def is_unknown_option(complaint: str) -> bool:
    """Tell whether a tool is too old for an option."""
    return _says(complaint, _NO_OPTION)


def explained(error: SourceError) -> SourceError:
    """Return the error of a question that failed, in words of what an operator can do."""
    return _known(error.what) or error


def journal_error(argv: tuple[str, ...], status: int, complaint: str) -> SourceError | None:
    """Return why journalctl gave nothing, or not all; None if nothing is wrong."""
    known = _known(complaint)
    if known is not None or status == 0:
        return known
    said = clean_line(complaint.strip()) or "nothing"
    return SourceError(
        f"journalctl ended with exit status {status} and said: {said}",
        fix=f"Try `{' '.join(argv)}`",
    )


def _known(said: str) -> SourceError | None:
    if _says(said, _NOT_BOOTED):
        return SourceError(
            "this machine was not booted with systemd, so there are no units to ask for",
            fix="Run the console on the machine where the service runs, or set another method",
        )
    if _says(said, _FORBIDDEN):
        return SourceError("this user may not read the system's journal", fix=JOIN)
    if _says(said, _NO_JOURNAL):
        return SourceError(
            "this machine keeps no journal",
            fix="Look at `systemctl status systemd-journald` and at Storage= in journald.conf",
        )
    if _says(said, _NO_BUS):
        return SourceError(
            f"systemd does not answer: {clean_line(said.strip())}",
            fix="Look at `systemctl is-system-running` and `systemctl status dbus`",
        )
    return None


def _says(text: str, phrases: tuple[str, ...]) -> bool:
    lower = text.lower()
    return any(each in lower for each in phrases)
