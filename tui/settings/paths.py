"""Where the console keeps its settings and its state, after the XDG base directory rules."""

from collections.abc import Mapping
from pathlib import Path

LEDGER_NAME = "ledger.db"
LIBRARY_NAME = "library.db"
SANDBOX_NAME = "sandbox"


def settings_path(explicit: Path | None, variables: Mapping[str, str]) -> Path:
    """Return the settings file to read, whether or not it exists.

    ``explicit`` (``--config``) goes before ``$QUARTERDECK_CONFIG``, and that before
    ``quarterdeck/settings.toml`` in ``$XDG_CONFIG_HOME`` or else in ``~/.config``.
    """
    if explicit is not None:
        return explicit.expanduser()
    if named := variables.get("QUARTERDECK_CONFIG"):
        return Path(named).expanduser()
    config_home = _base(variables, "XDG_CONFIG_HOME", ".config")
    own, shared_default = (
        home / "quarterdeck" / "settings.toml"
        for home in (config_home, _home(variables, ".config"))
    )
    return own if own.exists() or not shared_default.exists() else shared_default


def state_dir(variables: Mapping[str, str]) -> Path:
    """Return the directory of the ledger, the runs and the sandbox; it may not exist yet."""
    if named := variables.get("QUARTERDECK_STATE"):
        return Path(named).expanduser()
    return _base(variables, "XDG_STATE_HOME", ".local/state") / "quarterdeck"


def ledger_path(state: Path) -> Path:
    """Return the ledger file within the state directory."""
    return state / LEDGER_NAME


def library_path(variables: Mapping[str, str]) -> Path:
    """Return the index of procedures, which can be made anew: in ``$XDG_CACHE_HOME``."""
    return _base(variables, "XDG_CACHE_HOME", ".cache") / "quarterdeck" / LIBRARY_NAME


def sandbox_dir(state: Path) -> Path:
    """Return the embedded sandbox's own directory within the state directory."""
    return state / SANDBOX_NAME


def _base(variables: Mapping[str, str], variable: str, fallback: str) -> Path:
    # The specification says to ignore a relative path.
    named = Path(variables.get(variable, ""))
    return named if named.is_absolute() else _home(variables, fallback)


def _home(variables: Mapping[str, str], below: str) -> Path:
    home = variables.get("HOME")
    return (Path(home) if home else Path.home()) / below
