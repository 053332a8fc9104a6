"""A policy file: TOML that a team keeps where its operators cannot change it.

::

    raise_changes_in = ["production"]              # tiers; this is what holds without a file
    override_in = ["development", "staging", "sandbox"]
    approval_expires = "15m"

    [[rule]]
    environments = ["prod-*"]                      # default: all
    procedures = ["region-failover", "dr-*"]       # default: all
    levels = ["destructive"]                       # default: change and destructive
    operators = ["ada", "%oncall"]                 # default: everybody; %GROUP as in sudoers
    second_person = true
    approvers = ["%leads"]
    override = false
    read_only = true
    because = "shown to whom it stops"

A word that is not known is an error: a typo must not silently switch a guard off.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from procedures.environment import Tier
from procedures.errors import PolicyError
from procedures.execution.policy.policy import APPROVAL_EXPIRES_S, Policy, Rule
from procedures.reference.levels import Level
from procedures.runbook.problems import nearest

SYSTEM_WIDE = Path("/etc/quarterdeck/policy.toml")
"""Always read; what the settings name can only add to it. Its absence is no error."""

_DURATION = re.compile(r"([1-9][0-9]{0,4})\s*(s|m|h)")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_LONGEST_S = 24 * 3600.0

_RULE = re.compile(r"\s*\[\[\s*rule\s*\]\]")
_KEY = re.compile(r"\s*\"?([\w-]+)\"?\s*=")

Value = TypeVar("Value")
Where = Callable[..., str]
"""Names file, line and rule of a key, or of its table if none is given."""
Word = TypeVar("Word", bound=Enum)


def load_policy(path: Path | None) -> Policy:
    """Return what holds here: the machine's policy, and that of ``path`` where it is stricter.

    Whoever may choose a file may not choose to leave the machine's out.

    Raises:
        PolicyError: A file cannot be read or understood. Nothing may be run by a console that
            does not know what it may run.
    """
    machine = read_policy(SYSTEM_WIDE) if _is_there(SYSTEM_WIDE) else None
    if path is None:
        return machine or Policy()
    named = read_policy(path)
    return named if machine is None else machine.and_also(named)


def read_policy(path: Path) -> Policy:
    """Return the policy of one file; PolicyError if it cannot be read or understood."""
    try:
        source = path.read_bytes().decode()
    except FileNotFoundError as error:
        raise PolicyError(
            f"the policy {path} does not exist", fix="Correct `policy` in the settings"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(
            f"the policy {path} cannot be read: {error}", fix="Check its mode and encoding"
        ) from error
    return parse_policy(source, path)


def _is_there(path: Path) -> bool:
    """Tell whether there is such a file, readable or not."""
    try:
        path.stat()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


def parse_policy(source: str, path: Path) -> Policy:
    """Return the policy that ``source`` holds; PolicyError names file, place and next move."""
    try:
        values = tomllib.loads(source)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise PolicyError(
            f"{path}: is not valid TOML: {error}", fix="Correct that line; strings need quotes"
        ) from error
    places = _Places(path, source)
    table = _Table(values, places.of(0))
    default = Policy()
    policy = Policy(
        raise_changes_in=table.take("raise_changes_in", _any_of(Tier), default.raise_changes_in),
        override_in=table.take("override_in", _any_of(Tier), default.override_in),
        approval_expires_s=table.take("approval_expires", _duration, APPROVAL_EXPIRES_S),
        rules=table.take("rule", lambda rules: _rules(rules, places), ()),
        source=str(path),
    )
    table.close()
    return policy


class _Places:
    """Where the keys of a policy stand; :mod:`tomllib` keeps no positions."""

    def __init__(self, path: Path, source: str) -> None:
        self._path = path
        self._lines: dict[tuple[int, str], int] = {}
        rule = 0
        for number, line in enumerate(source.splitlines(), start=1):
            if _RULE.match(line):
                rule += 1
                self._lines[rule, ""] = number
            elif key := _KEY.match(line):
                self._lines.setdefault((rule, key[1]), number)

    def of(self, rule: int) -> "Where":
        """Return what names a key of that rule (0: of the file itself), or the rule as a whole."""

        def named(key: str = "") -> str:
            line = self._lines.get((rule, key)) or self._lines.get((rule, ""), 0)
            place = f"{self._path}:{line}" if line else str(self._path)
            return f"{place}: rule {rule}" if rule else place

        return named


class _Table:
    """A TOML table from which every key must be taken."""

    def __init__(self, values: Mapping[str, Any], where: Where) -> None:
        self._values = dict(values)
        self._where = where
        self._known: list[str] = []

    def take(self, key: str, read: Callable[[object], Value], otherwise: Value) -> Value:
        self._known.append(key)
        if key not in self._values:
            return otherwise
        try:
            return read(self._values.pop(key))
        except ValueError as error:
            what, *fix = error.args
            raise PolicyError(f"{self._where(key)}: {key}: {what}", fix="".join(fix)) from error

    def close(self) -> None:
        for key in self._values:
            raise PolicyError(
                f"{self._where(key)}: '{key}' is not known here", fix=nearest(key, self._known)
            )


def _rules(values: object, places: _Places) -> tuple[Rule, ...]:
    if not isinstance(values, list) or not all(isinstance(each, dict) for each in values):
        raise ValueError("rules are tables", "Write each as [[rule]]")
    return tuple(_rule(each, places.of(n)) for n, each in enumerate(values, start=1))


def _rule(values: Mapping[str, Any], where: Where) -> Rule:
    table, default = _Table(values, where), Rule()
    rule = Rule(
        environments=table.take("environments", _words, default.environments),
        procedures=table.take("procedures", _words, default.procedures),
        levels=table.take("levels", _many(Level), default.levels),
        read_only=table.take("read_only", _flag, default.read_only),
        operators=table.take("operators", _words, default.operators),
        second_person=table.take("second_person", _flag, default.second_person),
        approvers=table.take("approvers", _words, default.approvers),
        override=table.take("override", _flag, default.override),
        because=table.take("because", _text, default.because),
    )
    table.close()
    demands = (rule.read_only, rule.operators, rule.second_person, not rule.override)
    if not any(demands):
        raise PolicyError(
            f"{where()} demands nothing",
            fix="Give it read_only, operators, second_person or override = false",
        )
    if rule.approvers and not rule.second_person:
        raise PolicyError(
            f"{where('approvers')} names approvers, and asks for none",
            fix="Add `second_person = true`",
        )
    return rule


def _any_of(kind: type[Word]) -> Callable[[object], tuple[Word, ...]]:
    return lambda value: _many(kind)(value) if value != [] else ()


def _many(kind: type[Word]) -> Callable[[object], tuple[Word, ...]]:
    return lambda value: tuple(_one_of(kind, word) for word in _words(value))


def _one_of(kind: type[Word], word: str) -> Word:
    known = {each.value: each for each in kind}
    if word not in known:
        raise ValueError(f"'{word}' is not known here", nearest(word, known))
    return known[word]


def _words(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        raise ValueError("it is no list of texts", 'Write it as ["…", "…"]')
    if not value:
        raise ValueError("an empty list would match nothing", "Leave the key out instead")
    return tuple(value)


def _flag(value: object) -> bool:
    if value is True or value is False:
        return value
    raise ValueError("it is neither true nor false", "Write true or false, without quotes")


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise ValueError("it is no text", "Write it in quotes")


def _duration(value: object) -> float:
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    seconds = int(match[1]) * _SECONDS[match[2]] if match else 0.0
    if not 0 < seconds <= _LONGEST_S:
        raise ValueError("it is no duration up to 24h", 'Write it as "90s", "15m" or "1h"')
    return seconds
