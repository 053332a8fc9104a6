"""Strict reading of the TOML tables in this directory: whatever is not understood is an error."""

import tomllib
from collections.abc import Iterable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from procedures.errors import PolicyDataError

DIRECTORY = Path(__file__).parent

Choice = TypeVar("Choice", bound=Enum)
Value = TypeVar("Value")

_REQUIRED: Any = object()


class Table:
    """One TOML table; every key must be taken, with the type that is asked for.

    Attributes:
        place: File and entry, for errors.
    """

    def __init__(self, keys: dict[str, Any], *, place: str) -> None:
        self._keys = dict(keys)
        self.place = place

    def error(self, key: str, problem: str, *, fix: str) -> PolicyDataError:
        """Return the error that names file, entry and key."""
        return PolicyDataError(f"{self.place}: {key}: {problem}", fix=fix)

    def has(self, key: str) -> bool:
        """Return whether ``key`` is there and not yet taken."""
        return key in self._keys

    def text(self, key: str, default: str = _REQUIRED) -> str:
        """Take a string."""
        return self._take(key, str, "a string", default)

    def number(self, key: str, default: float = _REQUIRED) -> float:
        """Take a number."""
        return self._take(key, float, "a number", default)

    def whole(self, key: str, default: int = _REQUIRED) -> int:
        """Take an integer."""
        return self._take(key, int, "an integer", default)

    def flag(self, key: str) -> bool:
        """Take a boolean; absent is false."""
        return self._take(key, bool, "true or false", False)

    def texts(self, key: str, default: tuple[str, ...] = _REQUIRED) -> tuple[str, ...]:
        """Take a list of strings."""
        if default is not _REQUIRED and not self.has(key):
            return default
        values = self._take(key, list, "a list of strings", _REQUIRED)
        if not all(isinstance(value, str) for value in values):
            raise self.error(key, "is not a list of strings", fix="Quote every item")
        return tuple(values)

    def choice(self, key: str, choices: type[Choice], default: Choice = _REQUIRED) -> Choice:
        """Take one of the words of an enumeration."""
        if default is not _REQUIRED and not self.has(key):
            return default
        word = self.text(key)
        try:
            return choices(word)
        except ValueError as error:
            words = ", ".join(str(each.value) for each in choices)
            raise self.error(key, f"{word!r} is not known", fix=f"Use one of {words}") from error

    def table(self, key: str) -> "Table":
        """Take a table inside this one."""
        return Table(self._take(key, dict, "a table", _REQUIRED), place=f"{self.place}: {key}")

    def tables(self, key: str) -> Iterator["Table"]:
        """Take an array of tables."""
        for position, keys in enumerate(self._take(key, list, "an array of tables", _REQUIRED)):
            yield Table(keys, place=f"{self.place}: {key} {position + 1}")

    def finish(self) -> None:
        """Raise PolicyDataError if a key is left: a misspelt key must not be silently ignored."""
        for key in self._keys:
            raise self.error(key, "is not a known key", fix="Correct or remove it")

    def _take(self, key: str, kind: type[Value], wanted: str, default: Value) -> Value:
        if key not in self._keys:
            if default is _REQUIRED:
                raise self.error(key, "is missing", fix=f"Give {wanted}")
            return default
        value = self._keys.pop(key)
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind:
            raise self.error(key, f"is not {wanted}", fix=f"Give {wanted}")
        return value


def read_tables(path: Path, array: str) -> Iterable[Table]:
    """Return the tables of the array ``array``, the only key that ``path`` may have."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise PolicyDataError(f"{path.name}: {error}", fix="Reinstall the console") from error
    for key in document.keys() - {array}:
        raise PolicyDataError(f"{path.name}: unknown table {key!r}", fix=f"Use [[{array}]]")
    for position, keys in enumerate(document.get(array, [])):
        name = keys.get("id") or keys.get("name") or f"number {position + 1}"
        yield Table(keys, place=f"{path.name}: {array} {name}")
