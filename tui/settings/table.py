"""A TOML table being read strictly, key by key."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import TypeVar

from procedures.errors import SettingsError
from procedures.runbook.problems import nearest
from tui.settings.problems import KeyPath, Problems

T = TypeVar("T")
E = TypeVar("E", bound=Enum)


class Table:
    """Typed access to one table; whatever is wrong goes to ``problems`` and a default comes back.

    Each key is asked for once; :meth:`close` then reports those that nobody asked for.
    """

    def __init__(self, values: Mapping[str, object], *, at: KeyPath, problems: Problems) -> None:
        self._values = values
        self._asked: list[str] = []
        self.at = at
        self.problems = problems

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def take(self, key: str) -> object:
        """Return the raw value of ``key``, or None, and count the key as known."""
        self._asked.append(key)
        return self._values.get(key)

    def refuse(self, key: str, text: str, *, fix: str = "") -> None:
        """Report that the value of ``key`` is wrong."""
        self.problems.add((*self.at, key), text, fix=fix)

    def text(self, key: str, default: str = "") -> str:
        """Return a string that is not empty."""
        value = self.take(key)
        if value is None:
            return default
        if not isinstance(value, str):
            self.refuse(key, f"must be a string, not {kind(value)}", fix="Put it in quotes")
            return default
        if not value:
            self.refuse(key, "is empty", fix="Give it a value, or remove the line")
        return value

    def parsed(self, key: str, parse: Callable[[str], T], default: T) -> T:
        """Return ``parse`` of a string; its SettingsError becomes a problem of this key."""
        written = self.text(key)
        if not written:
            return default
        try:
            return parse(written)
        except SettingsError as error:
            self.refuse(key, error.what, fix=error.fix)
            return default

    def choice(self, key: str, choices: Sequence[E]) -> E:
        """Return the member whose value is written; the key is required."""
        words = {str(member.value): member for member in choices}
        if key not in self:
            self.refuse(key, "is missing", fix=f"Use one of {', '.join(words)}")
        written = self.text(key, default=next(iter(words)))
        if written and written not in words:
            self.refuse(key, f"'{written}' is no {key}", fix=nearest(written, words))
        return words.get(written, choices[0])

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return true or false."""
        value = self.take(key)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self.refuse(key, f"must be true or false, not {kind(value)}", fix="Write it without quotes")
        return default

    def number(self, key: str, default: T) -> float | T:
        """Return a finite number."""
        value = self.take(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.refuse(key, f"must be a number, not {kind(value)}", fix="Write it without quotes")
            return default
        if not math.isfinite(value):
            self.refuse(key, "must be a finite number", fix="Write a number such as 99.5")
            return default
        return float(value)

    def array(self, key: str) -> Sequence[object]:
        """Return an array, empty when it is not there."""
        value = self.take(key)
        if value is None or isinstance(value, list):
            return value or ()
        self.refuse(key, f"must be an array, not {kind(value)}", fix="Put it in square brackets")
        return ()

    def table(self, key: str) -> "Table":
        """Return the table below ``key``, empty when it is not there."""
        value = self.take(key)
        if value is not None and not isinstance(value, dict):
            self.refuse(key, f"must be a table, not {kind(value)}", fix=f"Write {key} = {{ … }}")
            value = None
        return Table(value or {}, at=(*self.at, key), problems=self.problems)

    def close(self) -> None:
        """Report every key that was never asked for."""
        for key in self._values:
            if key not in self._asked:
                self.refuse(key, "is not a key that is known here", fix=nearest(key, self._asked))


def kind(value: object) -> str:
    """Return what a TOML value is, in words; never the value, which may be secret."""
    words = {bool: "true or false", str: "a string", dict: "a table", list: "an array"}
    return words.get(type(value), "a number" if isinstance(value, int | float) else "a date")
