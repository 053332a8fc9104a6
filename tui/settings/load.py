"""Reading and writing the settings file."""

import os
import shlex
import stat
from pathlib import Path

from procedures.errors import SettingsError
from procedures.reference.indicators import load_indicators
from tui.settings.document import Settings, parse
from tui.settings.environments import Known

_OTHERS_CAN_READ = stat.S_IRGRP | stat.S_IROTH
_OWNER_ONLY = 0o600


def load(path: Path) -> Settings:
    """Return the settings of ``path``; SettingsError tells what is wrong with file or content."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            source = file.read().decode()
    except FileNotFoundError as error:
        raise SettingsError(
            f"{path} does not exist",
            fix="Write one with `quarterdeck config init`, or look around with `quarterdeck demo`",
        ) from error
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read: {error.strerror}", fix="Name another file with --config"
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"{path} is not text in UTF-8", fix="Save it in UTF-8, as TOML demands"
        ) from error
    exposed = f"Run: chmod 600 {shlex.quote(str(path))}" if mode & _OTHERS_CAN_READ else ""
    return parse(source, path, known=known_indicators(), exposed=exposed)


def known_indicators() -> Known:
    """Return the thresholds of every shipped indicator, by id."""
    return {each.id: each.threshold for each in load_indicators().values()}


def refuse_existing(path: Path) -> None:
    """Raise SettingsError if something is at ``path``: a link that leads nowhere counts, too."""
    if os.path.lexists(path):
        raise _exists_already(path)


def write_new(path: Path, text: str, *, overwrite: bool) -> None:
    """Write ``text`` so that only its owner can read it; SettingsError if the file exists.

    The text appears whole or not at all, also where an older file is overwritten.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            if overwrite:
                beside.replace(path)
            else:
                path.hardlink_to(beside)
        finally:
            beside.unlink(missing_ok=True)
    except FileExistsError as error:
        raise _exists_already(path) from error
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be written: {error.strerror}",
            fix="Name another file with --config",
        ) from error


def _exists_already(path: Path) -> SettingsError:
    return SettingsError(f"{path} exists already", fix="Edit it, or replace it with --force")
